/** What Linux tells of a host and of one process on it, in the texts of /proc; undefined where a text does not tell. */

/** proc(5): jiffies are hundredths of a second on every architecture that Node runs on. */
const TICK_US = 10_000;

/** Totals since the start, of all CPUs together. */
export interface CpuTotals {
  totalUs: number;
  idleUs: number;
  stolenUs: number;
}

/** `cpu user nice system idle iowait irq softirq steal guest guest_nice` of /proc/stat; guests are in user and nice already. */
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

/** cutime + cstime of /proc/PID/stat: CPU of children that ended and were waited for. */
export function parseReapedUs(stat: string): number | undefined {
  // The name before it is in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [cutime, cstime] = [fields[13], fields[14]].map(Number);
  if (cutime === undefined || cstime === undefined || Number.isNaN(cutime + cstime)) {
    return undefined;
  }
  return (cutime + cstime) * TICK_US;
}

/** A state that is no process's any more, or one that somebody stopped: `Z`, `X`, `T`, `t`. */
export function parseState(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0];
}

/** `some ... total=` of /proc/pressure/cpu: microseconds in which a task waited for a CPU. */
export function parsePressureUs(pressure: string): number | undefined {
  const [, total] = /^some .*\btotal=(\d+)/m.exec(pressure) ?? [];
  return total === undefined ? undefined : Number(total);
}

/** Of a control group's cpu.stat: `throttled_usec` (version 2), or `throttled_time` in nanoseconds (version 1). */
export function parseThrottledUs(cpuStat: string): number | undefined {
  const [, us] = /^throttled_usec (\d+)/m.exec(cpuStat) ?? [];
  if (us !== undefined) return Number(us);
  const [, ns] = /^throttled_time (\d+)/m.exec(cpuStat) ?? [];
  return ns === undefined ? undefined : Math.round(Number(ns) / 1000);
}

/** Of /proc/PID/cgroup: where the cpu.stat of a process is to be found, the likeliest first. */
export function listCpuStatPaths(cgroup: string): string[] {
  return cgroup.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined || controllers === undefined) return [];
    if (controllers === '') return [`/sys/fs/cgroup${path}/cpu.stat`];
    const names = controllers.split(',');
    return names.includes('cpu') ? [`/sys/fs/cgroup/${controllers}${path}/cpu.stat`] : [];
  });
}

/** TCP_LISTEN of include/net/tcp_states.h. */
const LISTEN = '0A';

/**
 * How many connections wait to be accepted on a port: the rx_queue of the listening row of /proc/net/tcp or tcp6, where
 * rows that listen come first. undefined where none listens there.
 */
export function parseAcceptDepth(table: string, port: number): number | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of table.split('\n')) {
    const [, local, , state, queues] = line.trim().split(/ +/);
    if (state !== LISTEN || local?.endsWith(suffix) !== true) continue;
    return Number.parseInt(queues?.split(':')[1] ?? '', 16);
  }
  return undefined;
}

/** Send-Q of the row that listens on a port, as `ss -lntH` tells it: the most that may wait there. */
export function parseAcceptLimit(sockets: string, port: number): number | undefined {
  for (const line of sockets.split('\n')) {
    const [, , limit, local] = line.trim().split(/ +/);
    if (local?.endsWith(`:${port}`) === true) return Number(limit);
  }
  return undefined;
}

/** ListenOverflows and ListenDrops of /proc/net/netstat: a line of names, then one of values. */
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
