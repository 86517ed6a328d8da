import { describe, expect, it } from 'vitest';
import { answerRun } from '../../../src/analysis/answer/answer.ts';
import type { JudgedRun } from '../../../src/analysis/readings/reading.ts';
import { zeroConnections, zeroCounts } from '../../../src/model/accounting.ts';
import { makeMetric, VALID } from '../../support/synthetic/synthetic-side.ts';

const ROUND_US = 10_000_000;

/** Rounds of 10 s with these connects each, beside an activity that did `acts` per second. */
function makeRun(name: string, connects: readonly number[], acts = 0): JudgedRun {
  const count = (ok: number) => ({
    ...zeroCounts(),
    begun: ok,
    due: ok,
    started: ok,
    ok,
    inFlight: 0,
  });
  const ok = connects.reduce((sum, own) => sum + own, 0);
  const windowUs = ROUND_US * connects.length;
  const achievedPerSecond = (ok / windowUs) * 1e6;
  const done = (acts * windowUs) / 1e6;
  return {
    name,
    values: { valueAtRank: () => 1 },
    summary: {
      stoppedBy: 'end',
      validity: VALID,
      steps: [],
      accounting: count(ok),
      errors: [],
      connections: { ...zeroConnections(), opened: ok, closed: ok, open: 0 },
      metrics: { serviceTime: makeMetric(1000) },
      capacity: null,
      rates: { windowUs, offeredPerSecond: achievedPerSecond, achievedPerSecond },
      rounds: connects.map((own) => ({ stoppedBy: 'end', accounting: count(own) })),
      roundsPlanned: connects.length,
      ...(acts === 0
        ? {}
        : {
            background: [
              {
                name: 'events',
                activity: 'cancels',
                actingUs: windowUs,
                acts: { due: done, done, failed: 0, skipped: 0, cancelled: 0 },
                inFlight: 0,
                errors: [],
              },
            ],
          }),
    },
  };
}

function ask(...runs: readonly JudgedRun[]) {
  const spec = { costOfActs: 'none', names: { some: '20 cancels/s' } };
  return answerRun({ spec, runs, comparison: [], capacities: [], budgets: [] });
}

describe('the cost of acts', () => {
  it('is the loss of connects per second, divided by the acts per second', () => {
    const answer = ask(makeRun('none', [2000]), makeRun('some', [1800], 20));
    expect(answer.text).toBe(
      'in this run, the number of connects that each act costs (least and most of all pairs of rounds): 1.00 (1.00 to 1.00) with 20 cancels/s',
    );
    expect(answer.costOfActs).toEqual([
      {
        variant: 'some',
        without: 'none',
        actsPerSecond: 20,
        connects: 1,
        low: 1,
        high: 1,
        isInterval95: false,
      },
    ]);
  });

  it('has the exact 95 % interval of the shift with five rounds', () => {
    // Differences from 160 to 240 over ten seconds: with five against five, the third from each end bounds them.
    const none = makeRun('none', [1980, 1990, 2000, 2010, 2020]);
    const answer = ask(none, makeRun('some', [1780, 1790, 1800, 1810, 1820], 20));
    expect(answer).toMatchObject({
      holds: 'rounds',
      costOfActs: [{ connects: 1, low: 0.85, high: 1.15, isInterval95: true }],
    });
    expect(answer.text).toMatch(
      /^the number of connects that each act costs \(95 % intervals\): 1/,
    );
  });

  it('says what it is at most if it may be nothing', () => {
    const answer = ask(makeRun('none', [2000, 1900]), makeRun('some', [1950, 1880], 20));
    expect(answer.text).toContain(': at most 0.60 with 20 cancels/s');
    const gained = ask(makeRun('none', [1000]), makeRun('some', [1100], 20));
    expect(gained.text).toContain('none that could be seen with 20 cancels/s');
  });

  it('is not known if a measurement is invalid', () => {
    const none = makeRun('none', [2000]);
    none.summary.validity = { valid: false, reasons: [{ code: 'NO_DATA', message: 'no attempt' }] };
    const { text, costOfActs } = ask(none, makeRun('some', [1800], 20));
    expect(text).toContain('costs: not known (invalid) with 20 cancels/s');
    expect(costOfActs).toMatchObject([
      { connects: null, low: null, high: null, reason: 'the measurement is invalid: no attempt' },
    ]);
  });

  it('is not known if the server did not keep up with the acts', () => {
    const none = makeRun('none', [2000]);
    const starved = makeRun('some', [400], 80);
    const slow = makeRun('some', [1000], 80);
    const [acts] = slow.summary.background ?? [];
    if (acts !== undefined) acts.latency = makeMetric(3_000_000);
    const skipping = makeRun('some', [1000], 80);
    const [skipped] = skipping.summary.background ?? [];
    if (skipped !== undefined) skipped.acts.skipped = 200;
    for (const run of [starved, slow, skipping]) {
      expect(ask(none, run).text).toContain('not known (the server did not keep up with the acts)');
    }
  });

  it('is not known if the interrupted run has no whole rounds', () => {
    const some = makeRun('some', [1800], 20);
    some.summary.rounds = [{ stoppedBy: 'signal', accounting: some.summary.accounting }];
    expect(ask(makeRun('none', [2000]), some).text).toContain(
      'not known (no round came to its end)',
    );
  });
});
