import { describe, expect, it } from 'vitest';
import { checkAccounting, zeroConnections, zeroCounts } from '../../src/model/accounting.ts';

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
