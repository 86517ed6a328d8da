import { describe, expect, it } from 'vitest';
import {
  listCpuStatPaths,
  parseAcceptLimit,
  parseCpuTotals,
  parseGroupCpuUs,
  parseLife,
  parseListenCounters,
  parseListening,
  parsePressureUs,
  parseReapedUs,
  parseThrottledUs,
} from '../../../src/probes/proc/proc-host.ts';

it.each([
  // Linux 6.18: user 10, nice 20, system 30, idle 40, iowait 50, irq 1, softirq 2, steal 4, guest 5 (in user already)
  [
    'cpu  10 20 30 40 50 1 2 4 5 0\ncpu0 1 1 1 1\n',
    { totalUs: 1_570_000, idleUs: 900_000, stolenUs: 40_000 },
  ],
  // Linux 2.4
  ['cpu  10 20 30 40\n', { totalUs: 1_000_000, idleUs: 400_000, stolenUs: 0 }],
  ['', undefined],
  ['cpu0 1 2 3 4\n', undefined],
])('reads the CPU time of the host from %j', (stat, expected) => {
  expect(parseCpuTotals(stat)).toEqual(expected);
});

const stat = (name: string, state: string): string =>
  `13361 (${name}) ${state} 1 13361 13361 0 -1 4194560 1234 98765 0 12 41 17 1503 627 39 19 1 0 8812 234 5\n`;

describe('the stat of a process', () => {
  it.each([['postgres'], ['a name) Z (with'], ['']])('named %j tells its reaped CPU', (name) => {
    expect(parseReapedUs(stat(name, 'S'))).toBe((1503 + 627) * 10_000);
  });

  it.each([['']])('that is %j tells none', (text) => {
    expect(parseReapedUs(text)).toBeUndefined();
  });

  it.each([
    ['R', 'alive'],
    ['S', 'alive'],
    ['D', 'alive'],
    ['T', 'stopped'],
    ['t', 'stopped'],
    // Has ended, its parent has not waited for it yet.
    ['Z', 'ended'],
    ['X', 'ended'],
  ])('in state %s tells that it is %s', (state, life) => {
    expect(parseLife(stat('postgres', state))).toBe(life);
  });

  it('that is gone tells that it has ended', () => {
    expect(parseLife('')).toBe('ended');
  });
});

it.each([
  // Linux 6.18
  [
    'some avg10=21.17 avg60=24.44 avg300=20.31 total=3421947651\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
    3_421_947_651,
  ],
  // Linux 4.20 to 5.12: no line of `full` for the CPU
  ['some avg10=0.00 avg60=0.00 avg300=0.00 total=77\n', 77],
  // Built without, or switched off at boot: the read fails.
  ['', undefined],
])('reads the pressure on the CPUs from %j', (pressure, expected) => {
  expect(parsePressureUs(pressure)).toBe(expected);
});

it.each([
  // Version 2, Linux 6
  [
    'usage_usec 51\nuser_usec 30\nsystem_usec 21\nnr_periods 9\nnr_throttled 4\nthrottled_usec 81000\nnr_bursts 0\nburst_usec 0\n',
    81_000,
  ],
  // Version 1
  ['nr_periods 9\nnr_throttled 4\nthrottled_time 81000400\n', 81_000],
  // The root of version 2 has no quota.
  ['usage_usec 51\nuser_usec 30\nsystem_usec 21\n', undefined],
  ['', undefined],
])('reads what a quota kept from running from %j', (cpuStat, expected) => {
  expect(parseThrottledUs(cpuStat)).toBe(expected);
});

it.each([
  ['usage_usec 51\nuser_usec 30\nsystem_usec 21\nnr_periods 9\n', 51],
  ['nr_periods 9\nnr_throttled 4\nthrottled_time 81000400\n', undefined],
])('reads the CPU of a control group from %j', (cpuStat, expected) => {
  expect(parseGroupCpuUs(cpuStat)).toBe(expected);
});

it.each([
  [
    'version 2',
    '0::/system.slice/postgresql@15-main.service\n',
    [
      '/sys/fs/cgroup/system.slice/postgresql@15-main.service/cpu.stat',
      '/sys/fs/cgroup/unified/system.slice/postgresql@15-main.service/cpu.stat',
    ],
  ],
  [
    'version 1, as Docker has it',
    '12:memory:/docker/4f\n4:cpu,cpuacct:/docker/4f\n3:cpuset:/docker/4f\n1:name=systemd:/docker/4f\n',
    ['/sys/fs/cgroup/cpu,cpuacct/docker/4f/cpu.stat'],
  ],
  [
    'both, at their roots',
    '2:cpuacct:/\n1:cpu:/\n0::/\n',
    ['/sys/fs/cgroup/cpu/cpu.stat', '/sys/fs/cgroup/cpu.stat', '/sys/fs/cgroup/unified/cpu.stat'],
  ],
  ['no control groups', '', []],
])('knows where the quota of a process is told, under %s', (_, cgroup, expected) => {
  expect(listCpuStatPaths(cgroup)).toEqual(expected);
});

// Linux 6.18: what listens first, then connections.
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:68F1 00000000:0000 0A 00000000:0000012C 00:00000000 00000000 65534        0 10339208 3 00000000a3508d99 100 0 0 10 0
   1: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1049 1 000000008fe40b3e 100 0 0 10 0
   2: 0100007F:68F1 0100007F:D2A4 01 00000000:00000005 00:00000000 00000000 65534        0 10339777 1 00000000b7 20 4 30 10 -1
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1538 00000000000000000000000000000000:0000 0A 00000000:00000007 00:00000000 00000000   999        0 4711 1 0000000000000000 100 0 0 10 0
`;

describe('a table of sockets', () => {
  it('tells who listens, where, and how many wait', () => {
    expect(parseListening(TCP)).toMatchObject([
      { port: 26_865, inode: '10339208', depth: 300 },
      { port: 2024, inode: '1049', depth: 0 },
    ]);
    expect(parseListening(TCP6)).toMatchObject([{ port: 5432, inode: '4711', depth: 7 }]);
  });

  it('tells where each row ends: up to there it is found again', () => {
    for (const row of parseListening(TCP)) {
      expect(parseListening(TCP.slice(0, row.endByte)).at(-1)).toEqual(row);
    }
  });

  it('that is cut off anywhere tells of whole rows alone', () => {
    const whole = parseListening(TCP);
    for (let end = 0; end < TCP.length; end++) {
      const rows = parseListening(TCP.slice(0, end));
      expect(whole.slice(0, rows.length)).toEqual(rows);
    }
  });
});

// iproute2 6.1
const SS = `LISTEN 1      2000   127.0.0.1:26865 0.0.0.0:* uid:65534 ino:10339208 sk:3 cgroup:/ <->
LISTEN 0      128      0.0.0.0:2024  0.0.0.0:* ino:1049 sk:2 cgroup:/ <->
LISTEN 0      244            *:5432        *:* uid:999 ino:4711 sk:1 cgroup:/ v6only:0 <->
`;

it.each([
  [['10339208'], 2000],
  [['1049'], 128],
  [['10339208', '4711'], 244],
  // No part of another number.
  [['104'], undefined],
  [[], undefined],
])('reads the most that may wait at the sockets %j', (inodes, expected) => {
  expect(parseAcceptLimit(SS, new Set(inodes))).toBe(expected);
});

describe('the counters of full queues', () => {
  it('are found by name', () => {
    const netstat = `TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPHPHits
TcpExt: 1 812 815 7
IpExt: InNoRoutes ListenDrops
IpExt: 3 99
`;
    expect(parseListenCounters(netstat)).toEqual({ listenOverflows: 812, listenDrops: 815 });
  });

  it.each(['', 'TcpExt: SyncookiesSent\nTcpExt: 1\n', 'TcpExt: ListenOverflows ListenDrops\n'])(
    'are not made up from %j',
    (netstat) => {
      expect(parseListenCounters(netstat)).toBeUndefined();
    },
  );
});
