/**
 * Parsers of what /proc shows of a host and of one process on it. Each returns undefined if the text does not hold the
 * figure.
 */

/** proc(5): one jiffy is 10 ms on every architecture that Node runs on. */
const TICK_US = 10_000;

/** Totals since the machine's start, over all CPUs. */
export interface CpuTotals {
  totalUs: number;
  idleUs: number;
  stolenUs: number;
}

/**
 * Parses `cpu user nice system idle iowait irq softirq steal guest guest_nice` of /proc/stat. user and nice already
 * include guests.
 */
export function parseCpuTotals(stat: string): CpuTotals | undefined {
  const [, times] = /^cpu +([\d ]+)/.exec(stat) ?? [];
  const ticks = times?.trim().split(/ +/).map(Number).slice(0, 8) ?? [];
  const [, , , idle, iowait = 0, , , steal = 0] = ticks;
  if (idle === undefined) return undefined;
  return {
    totalUs: ticks.reduce((sum, value) => sum + value, 0) * TICK_US,
    idleUs: (idle + iowait) * TICK_US,
    stolenUs: steal * TICK_US,
  };
}

/** Parses cutime + cstime of /proc/PID/stat: the CPU time of children that have ended and were waited for. */
export function parseReapedUs(stat: string): number | undefined {
  // The name before these fields is in parentheses and may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [cutime, cstime] = [fields[13], fields[14]].map(Number);
  if (cutime === undefined || cstime === undefined || Number.isNaN(cutime + cstime)) {
    return undefined;
  }
  return (cutime + cstime) * TICK_US;
}

/**
 * Parses the state of a process from its /proc/PID/stat: it runs or waits (alive), was stopped (SIGSTOP, a debugger),
 * or has ended, even if its parent has not waited for it yet.
 */
export function parseLife(stat: string): 'alive' | 'stopped' | 'ended' {
  const state = stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  if ('Tt'.includes(state) && state !== '') return 'stopped';
  return state === '' || 'ZXx'.includes(state) ? 'ended' : 'alive';
}

/** Parses `some ... total=` of /proc/pressure/cpu: microseconds in which at least one task waited for a CPU. */
export function parsePressureUs(pressure: string): number | undefined {
  const [, total] = /^some .*\btotal=(\d+)/m.exec(pressure) ?? [];
  return total === undefined ? undefined : Number(total);
}

/** Parses a control group's cpu.stat: `throttled_usec` (version 2), or `throttled_time` in nanoseconds (version 1). */
export function parseThrottledUs(cpuStat: string): number | undefined {
  const [, us] = /^throttled_usec (\d+)/m.exec(cpuStat) ?? [];
  if (us !== undefined) return Number(us);
  const [, ns] = /^throttled_time (\d+)/m.exec(cpuStat) ?? [];
  return ns === undefined ? undefined : Math.round(Number(ns) / 1000);
}

/** Parses `usage_usec` of a control group's cpu.stat: the CPU time of all its processes. Version 2 only. */
export function parseGroupCpuUs(cpuStat: string): number | undefined {
  const [, us] = /^usage_usec (\d+)/m.exec(cpuStat) ?? [];
  return us === undefined ? undefined : Number(us);
}

/** Returns where the cpu.stat of a process may be, from its /proc/PID/cgroup. */
export function listCpuStatPaths(cgroup: string): string[] {
  return cgroup.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined || controllers === undefined) return [];
    // Version 2 has a separate folder where version 1 is mounted too.
    const mounts = controllers === '' ? ['', '/unified'] : [`/${controllers}`];
    if (controllers !== '' && !controllers.split(',').includes('cpu')) return [];
    return mounts.map((mount) => `/sys/fs/cgroup${mount}${path === '/' ? '' : path}/cpu.stat`);
  });
}

/** TCP_LISTEN of include/net/tcp_states.h. */
const LISTEN = '0A';

/** A listening socket. */
export interface ListeningRow {
  port: number;
  inode: string;
  /** Connections that wait to be accepted (the column rx_queue). */
  depth: number;
  /** The byte of the table after this row. */
  endByte: number;
}

/** Parses the listening rows of /proc/net/tcp or tcp6; they come first. A last row that was cut off is ignored. */
export function parseListening(table: string): ListeningRow[] {
  let endByte = 0;
  const lines = table.split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    endByte += line.length + 1;
    const [, local, , state, queues, , , , , inode] = line.trim().split(/ +/);
    if (state !== LISTEN || local === undefined || inode === undefined) return [];
    const port = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16);
    const depth = Number.parseInt(queues?.split(':')[1] ?? '', 16);
    return { port, inode, depth, endByte };
  });
}

/**
 * Parses Send-Q of the sockets with these inodes from `ss -lnteH`: the most connections that may wait there. Of several
 * sockets the smallest counts.
 */
export function parseAcceptLimit(sockets: string, inodes: ReadonlySet<string>): number | undefined {
  const limits = sockets.split('\n').flatMap((line) => {
    const [, inode] = /\bino:(\d+)/.exec(line) ?? [];
    if (inode === undefined || !inodes.has(inode)) return [];
    return Number(line.trim().split(/ +/)[2]);
  });
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** Parses ListenOverflows and ListenDrops from /proc/net/netstat: a line of names, then a line of values. */
export function parseListenCounters(
  netstat: string,
): { listenOverflows: number; listenDrops: number } | undefined {
  const [names = [], values = []] = netstat
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  const of = (name: string): number => Number(values[names.indexOf(name)]);
  const listenOverflows = of('ListenOverflows');
  const listenDrops = of('ListenDrops');
  return Number.isNaN(listenOverflows + listenDrops) ? undefined : { listenOverflows, listenDrops };
}
