import { describe, expect, it } from 'vitest';
import {
  addHosts,
  checkAccounting,
  checkHosts,
  zeroConnections,
  zeroCounts,
  zeroHost,
} from '../../src/model/accounting.ts';
import type { HostActivity } from '../../src/model/ledgers.ts';

const HELD = {
  accounting: {
    ...zeroCounts(),
    due: 10,
    dropped: 2,
    begun: 8,
    started: 8,
    ok: 5,
    failed: 3,
    inFlight: 0,
  },
  connections: { ...zeroConnections(), opened: 5, closed: 4, cut: 1, open: 0 },
};

describe('checkAccounting', () => {
  it('finds nothing where the laws hold', () => {
    const { accounting, connections } = HELD;
    expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
  });

  it.each([
    [{ due: 11 }, {}, 'due 11 is not dropped 2 + begun 8'],
    [{ ok: 4 }, {}, 'started 8 is not ended 7 + inFlight 0'],
    [{ started: 9 }, {}, 'started 9 is not begun 8'],
    [{}, { opened: 6 }, 'opened 6 is not ok 5'],
    [{}, { closed: 3 }, 'opened 5 is not ended 4 + open 0'],
    [{ inFlight: 1, failed: 2 }, {}, 'the run has ended with 1 attempt in flight'],
    [{}, { open: 1, closed: 3 }, 'the run has ended with 1 connection open'],
    [{ failed: 4, lost: -1 }, {}, 'lost -1 is not a count'],
  ])('finds %j, %j', (accounting, connections, violation) => {
    const violations = checkAccounting(
      { ...HELD.accounting, ...accounting },
      { ...HELD.connections, ...connections },
      { complete: true },
    );
    expect(violations).toContain(violation);
  });

  it('lets attempts and connections be under way where the file was cut off', () => {
    const accounting = { ...HELD.accounting, failed: 2, inFlight: 1 };
    const connections = { ...HELD.connections, closed: 3, open: 1 };
    expect(checkAccounting(accounting, connections, { complete: false })).toEqual([]);
  });
});

describe('the laws of several hosts', () => {
  const accounting = { ...HELD.accounting, started: 10, failed: 5, passedOn: 2 };
  const hosts = [
    { ...zeroHost(0), started: 4, ok: 1, failed: 3, passedOn: 2 },
    { ...zeroHost(1), started: 6, ok: 4, failed: 2 },
  ];
  const check = (over: object, of = hosts): string[] => [
    ...checkAccounting({ ...accounting, ...over }, HELD.connections, { complete: true }),
    ...checkHosts(of, { ...accounting, ...over }, { complete: true }),
  ];

  it('hold if what was started beyond what was begun was passed on', () => {
    expect(check({})).toEqual([]);
  });

  it.each<[object, string]>([
    [{ passedOn: 1 }, 'started 10 is not begun 8 + passed on 1'],
    [{ passedOn: 6 }, 'passed on 6 is more than failed 5'],
    [{ ok: 6 }, 'ok 5 over all hosts is not 6'],
  ])('do not hold for %j', (over, violation) => {
    expect(check(over)).toContain(violation);
  });

  it('do not hold if a host has an attempt without an end', () => {
    const [one, other] = hosts.map((host) => ({ ...host }));
    if (one === undefined || other === undefined) throw new Error('no hosts');
    const swapped = [
      { ...one, started: 5 },
      { ...other, started: 5 },
    ];
    expect(check({}, swapped)).toEqual([
      'host 0: started 5, ended 4, passed on 2',
      'host 1: started 5, ended 6, passed on 0',
    ]);
  });

  it('with sessions let further attempts be started, but not fewer', () => {
    const { connections } = HELD;
    const options = { complete: true, sessions: true };
    const more = { ...accounting, started: 11, failed: 6 };
    expect(checkAccounting(more, connections, options)).toEqual([]);
    const fewer = { ...accounting, started: 9, failed: 4 };
    expect(checkAccounting(fewer, connections, options)).toEqual([
      'started 9 is less than begun 8 + passed on 2',
    ]);
  });

  it('are of sums by host, with the first and the last moment of each', () => {
    const sums: HostActivity[] = [];
    addHosts(sums, [{ ...zeroHost(1), started: 1, ok: 1, firstOkUs: 50, lastOkUs: 50 }]);
    addHosts(sums, [
      { ...zeroHost(0), started: 2, failed: 2 },
      { ...zeroHost(1), started: 2, ok: 2, firstOkUs: 10, lastOkUs: 90 },
    ]);
    expect(sums).toEqual([
      { ...zeroHost(0), started: 2, failed: 2 },
      { ...zeroHost(1), started: 3, ok: 3, firstOkUs: 10, lastOkUs: 90 },
    ]);
  });
});
