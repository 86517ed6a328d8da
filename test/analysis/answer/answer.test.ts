import { describe, expect, it } from 'vitest';
import { answerRun } from '../../../src/analysis/answer/answer.ts';
import type { Asked } from '../../../src/analysis/answer/asked.ts';
import type { JudgedRun } from '../../../src/analysis/readings/reading.ts';
import { zeroConnections, zeroCounts } from '../../../src/model/accounting.ts';
import type { Capacity } from '../../../src/result/records/capacity.ts';
import type { Comparison } from '../../../src/result/records/comparison.ts';
import type { AnswerSpec } from '../../../src/scenario/answer.ts';
import { makeMetric, VALID } from '../../support/synthetic/synthetic-side.ts';

type Judged = JudgedRun['summary'];

/** A thousand attempts, all ok, each of `us`. */
function makeRun(name: string | undefined, us: number, overrides: Partial<Judged> = {}): JudgedRun {
  const counts = { ...zeroCounts(), due: 1000, begun: 1000, started: 1000, ok: 1000 };
  return {
    name,
    values: { valueAtRank: () => us },
    summary: {
      stoppedBy: 'end',
      validity: VALID,
      steps: [],
      accounting: { ...counts, inFlight: 0 },
      connections: { ...zeroConnections(), opened: 1000, closed: 1000, open: 0 },
      metrics: { latency: makeMetric(us) },
      capacity: null,
      errors: [],
      rates: { windowUs: 10_000_000, offeredPerSecond: 100, achievedPerSecond: 100 },
      rounds: [{ stoppedBy: 'end', accounting: { ...counts, inFlight: 0 } }],
      roundsPlanned: 1,
      ...overrides,
    },
  };
}

const FIVE_ROUNDS = {
  rounds: new Array(5).fill({ stoppedBy: 'end' }),
  roundsPlanned: 5,
} satisfies Partial<Judged>;

const INVALID = {
  validity: { valid: false, reasons: [{ code: 'NO_DATA', message: 'no attempt was ok' }] },
};

/** The p99 of latency of `w0`, `w1` and so on, in milliseconds; `invalid`: it cannot be trusted. */
function windows(...p99s: (number | 'invalid')[]): JudgedRun[] {
  return p99s.map((ms, index) =>
    ms === 'invalid' ? makeRun(`w${index}`, 1, INVALID) : makeRun(`w${index}`, ms * 1000),
  );
}

function ask(spec: AnswerSpec, runs: readonly JudgedRun[], others: Partial<Asked> = {}) {
  return answerRun({ spec, runs, comparison: [], capacities: [], budgets: [], ...others });
}

/** A comparison of two sides with whole rounds. */
const COMPARED = {
  metric: 'latency',
  aggregation: 'p(99)',
  aRounds: { counted: 5, planned: 5 },
  bRounds: { counted: 5, planned: 5 },
};

describe('a phase that no connect had', () => {
  const runs = (): JudgedRun[] => [
    makeRun('trust', 1000),
    makeRun('scram', 1000, { metrics: { latency: makeMetric(1000), auth: makeMetric(5000) } }),
  ];

  it('is told as none', () => {
    const { text, values } = ask({ tell: ['auth p(50)'] }, runs());
    expect(text).toBe('in this run, p50 of the auth phase: none with trust and 1.00 ms with scram');
    expect(values[0]).toMatchObject({ variant: 'trust', low: null, high: null, none: true });
  });

  it('is not known if there were attempts that did not come so far', () => {
    const [trust, scram] = runs();
    if (trust === undefined || scram === undefined) throw new Error('there are two');
    trust.summary.accounting.ok = 999;
    expect(ask({ tell: ['auth p(50)'] }, [trust, scram]).text).toContain('not known with trust');
  });
});

describe('an answer with many figures', () => {
  const tell = ['latency p(99)', 'latency max', 'latency p(50)'];
  const names = Object.fromEntries(
    ['w0', 'w1', 'w2', 'w3'].map((name) => [name, `a window that is called ${name}`]),
  );

  it('has the first figures in its sentence, and all of them in a table', () => {
    const { text, table, values } = ask({ tell, names }, windows(10, 20, 30, 40));
    expect(text).toMatch(
      /^in this run, p99 of latency: 10\.0 ms with .* w3; the longest latency: .* w3; the table of the answer has 1 more figure$/,
    );
    expect(table?.map(({ figure }) => figure)).toEqual([
      'p99 of latency',
      'the longest latency',
      'p50 of latency',
    ]);
    expect(table?.[0]?.rows[1]).toMatchObject({
      name: 'a window that is called w1',
      value: { variant: 'w1', low: 20_000, high: 20_000 },
    });
    expect(values).toHaveLength(12);
  });

  it('is a sentence as long as that is short', () => {
    const { text, table } = ask({ tell }, windows(10, 20));
    expect(text).toContain('p50 of latency:');
    expect(table).toBeUndefined();
  });
});

describe('the smallest variant that keeps a budget', () => {
  const smallest = 'latency p(99) < 250ms';

  it.each<[string, JudgedRun[], string | null, string]>([
    [
      'is the first from which on all keep it',
      windows(1200, 640, 48, 50),
      'w2',
      'in this run, p99 of latency stays below 250 ms from w2 on (w0: 1.20 s, w1: 640 ms, w2: 48.0 ms, w3: 50.0 ms)',
    ],
    [
      'may be the first of all',
      windows(20, 10),
      'w0',
      'in this run, p99 of latency stays below 250 ms even with w0 (w0: 20.0 ms, w1: 10.0 ms)',
    ],
    [
      'may be the last',
      windows(1200, 10),
      'w1',
      'in this run, p99 of latency stays below 250 ms only with w1 (w0: 1.20 s, w1: 10.0 ms)',
    ],
    [
      'is none if none keeps it',
      windows(1200, 300),
      null,
      'in this run, p99 of latency stays below 250 ms with none of them (w0: 1.20 s, w1: 300 ms)',
    ],
    [
      'is none if a later one breaks it again',
      windows(20, 300),
      null,
      'in this run, p99 of latency is below 250 ms with w0, but does not stay so (w0: 20.0 ms, w1: 300 ms)',
    ],
    [
      'is not known if the one before could not be judged',
      windows(1200, 'invalid', 48),
      null,
      'in this run, p99 of latency stays below 250 ms with w2; whether it does with w1 is not known (w0: 1.20 s, w1: not known (invalid), w2: 48.0 ms)',
    ],
    [
      'is not known if the last could not be judged',
      windows(1200, 48, 'invalid'),
      null,
      'in this run, it is not known from which variant on p99 of latency stays below 250 ms: it could not be judged with w2 (w0: 1.20 s, w1: 48.0 ms, w2: not known (invalid))',
    ],
  ])('%s', (_, runs, from, text) => {
    expect(ask({ smallest }, runs)).toMatchObject({ text, smallest: { from } });
  });

  it('has the nouns that the scenario gives', () => {
    const names = { w0: 'no window', w1: 'a window of 5 s' };
    expect(ask({ smallest, names }, windows(1200, 48)).text).toBe(
      'in this run, p99 of latency stays below 250 ms only with a window of 5 s (no window: 1.20 s, a window of 5 s: 48.0 ms)',
    );
  });

  it('speaks of more than this run from five rounds on', () => {
    const runs = [makeRun('w0', 1_200_000, FIVE_ROUNDS), makeRun('w1', 48_000, FIVE_ROUNDS)];
    const { text, holds } = ask({ smallest }, runs);
    expect(text).toMatch(/^p99 of latency/);
    expect(holds).toBe('rounds');
  });
});

describe('figures that are told', () => {
  it('are those of a run without variants', () => {
    expect(ask({ tell: ['latency p(99)'] }, [makeRun(undefined, 4200)]).text).toBe(
      'in this run, p99 of latency is 4.20 ms',
    );
  });

  it('are those of each variant, and several follow one another', () => {
    expect(ask({ tell: ['latency p(99)', 'ok rate'] }, windows(20, 40)).text).toBe(
      'in this run, p99 of latency: 20.0 ms with w0 and 40.0 ms with w1; the share of attempts that became ready: 100% with w0 and 100% with w1',
    );
  });

  it('that were not measured are not made up', () => {
    const { text, values } = ask({ tell: ['backends most'] }, [makeRun(undefined, 1)]);
    expect(text).toBe('in this run, the largest number of backends is not known');
    expect(values).toEqual([
      {
        figure: 'backends most',
        unit: 'count',
        low: null,
        high: null,
        reason: 'nothing was measured',
      },
    ]);
  });

  it('are lower bounds where too many attempts have no value', () => {
    const run = makeRun(undefined, 9000, {
      metrics: { latency: makeMetric(9000, { count: 500, censored: 500, atLeast: ['p99Us'] }) },
    });
    expect(ask({ tell: ['latency p(99)'] }, [run]).text).toBe(
      'in this run, p99 of latency is at least 9.00 ms',
    );
  });

  it('are not known if all that bounds them is that a time is at least 0', () => {
    const latency = makeMetric(0, { count: 100, censored: 900, atLeast: ['p50Us'] });
    const { text, values } = ask({ tell: ['latency p(50)'] }, [
      makeRun(undefined, 9000, { metrics: { latency } }),
    ]);
    expect(text).toBe('in this run, p50 of latency is not known');
    expect(values).toMatchObject([{ low: null, high: null }]);
  });

  it('come with what ended the run early', () => {
    const run = makeRun(undefined, 4200, { stoppedBy: 'signal' });
    expect(ask({ tell: ['latency p(99)'] }, [run]).text).toBe(
      'in this run, p99 of latency is 4.20 ms; the run was interrupted',
    );
  });

  it('of a newer version are named', () => {
    expect(ask({ tell: ['outrage longest'] }, [makeRun(undefined, 1)]).text).toContain(
      '"outrage longest" is not known to this version',
    );
  });
});

describe('a ratio', () => {
  const of: [string, string] = ['w1', 'w0'];

  it('is that of the two values, in this run', () => {
    expect(ask({ ratio: 'latency p(99)', of }, windows(20, 40))).toMatchObject({
      text: 'in this run, p99 of latency with w1 is 2.00 times that with w0 (40.0 ms and 20.0 ms)',
      ratio: { a: 'w1', b: 'w0', low: 2, high: 2 },
    });
  });

  it('without an interval over rounds is about this run, however many rounds there were', () => {
    const at = (name: string, achievedPerSecond: number): JudgedRun =>
      makeRun(name, 1000, {
        ...FIVE_ROUNDS,
        rates: { windowUs: 10_000_000, offeredPerSecond: 100, achievedPerSecond },
      });
    expect(ask({ ratio: 'achieved perSecond', of }, [at('w0', 40), at('w1', 80)]).text).toBe(
      'in this run, the rate of connects with w1 is 2.00 times that with w0 (80.0/s and 40.0/s)',
    );
  });

  it.each([
    [of, '2.00 times (95 % interval 1.80 to 2.20) that with w0'],
    [
      ['w0', 'w1'] satisfies [string, string],
      '0.50 times (95 % interval 0.45 to 0.56) that with w1',
    ],
  ])('uses the interval of the comparison, also the other way round', (pair, words) => {
    const comparison = [
      { ...COMPARED, a: 'w1', b: 'w0', ratio: 2, low: 1.8, high: 2.2 },
    ] as Comparison[];
    const { text, holds } = ask({ ratio: 'latency p(99)', of: pair }, windows(20, 40), {
      comparison,
    });
    expect(text).toContain(words);
    expect(holds).toBe('rounds');
  });

  it('is not known where a side has no whole round', () => {
    const cut = { bRounds: { counted: 0, planned: 5 }, ratio: null, low: null, high: null };
    const comparison = [{ ...COMPARED, a: 'w1', b: 'w0', ...cut }] as Comparison[];
    const { text, ratio } = ask({ ratio: 'latency p(99)', of }, windows(20, 40), { comparison });
    expect(text).toContain('is not known');
    expect(ratio).toMatchObject({ low: null, high: null });
  });

  it('is the interval of the comparison where the estimate is a bound and a side is merely late', () => {
    const late = { a: 'w1', b: 'w0', ratio: 0.5, ratioIs: 'at-least', low: 0.25, high: 0.8 };
    const comparison = [{ ...COMPARED, ...late }] as Comparison[];
    const { text, ratio } = ask({ ratio: 'latency p(99)', of }, windows(40, 'invalid'), {
      comparison,
    });
    expect(text).toBe('p99 of latency with w1 is 0.25 to 0.80 times (95 % interval) that with w0');
    expect(ratio).toMatchObject({ low: 0.25, high: 0.8 });
  });

  it('of capacities has the ends of their intervals', () => {
    const runs = [search('w0', 400, 440), search('w1', 800, 840)];
    const { text } = ask({ ratio: 'capacity value', of }, runs);
    expect(text).toBe(
      'capacity with w1 is 1.82 to 2.10 times that with w0 (800/s to 840/s and 400/s to 440/s)',
    );
  });

  it('that allows both says so', () => {
    const runs = [search('w0', 400, 440), search('w1', 420, 460)];
    expect(ask({ ratio: 'capacity value', of }, runs).text).toMatch(
      /, so which of the two is higher is not known$/,
    );
  });

  it('with an invalid side is not known', () => {
    const { text, ratio } = ask({ ratio: 'latency p(99)', of }, windows('invalid', 40));
    expect(text).toContain('is not known (40.0 ms and not known (invalid))');
    expect(ratio).toMatchObject({ low: null, high: null, reason: expect.any(String) });
  });
});

describe('budgets', () => {
  const passed = { budget: 'ok rate > 99%', verdict: 'pass', unit: 'share', bound: 0.99 } as const;
  const failed = { budget: 'latency p(99) < 1ms', unit: 'us', bound: 1000 } as const;

  it('are told as met, with what was measured', () => {
    const budgets = [{ ...passed, low: 1, high: 1 }];
    expect(ask({ tell: ['budgets'] }, [makeRun(undefined, 1)], { budgets }).text).toBe(
      'in this run, the budget is met (ok rate > 99%: 100%)',
    );
  });

  it('are told as missed', () => {
    const budgets = [
      { ...passed, low: 1, high: 1 },
      { ...failed, verdict: 'fail', low: 5000, high: 5000 } as const,
    ];
    expect(ask({ tell: ['budgets'] }, [makeRun(undefined, 1)], { budgets }).text).toBe(
      'in this run, budgets: 1 of 2 missed (latency p(99) < 1ms: 5.00 ms)',
    );
  });
});

function search(name: string, lowerPerSecond: number, upperPerSecond: number): JudgedRun {
  const capacity: Capacity = {
    kind: 'found',
    lowerPerSecond,
    upperPerSecond,
    reason: 'fell behind',
    confirmed: true,
    curve: [],
  };
  return makeRun(name, 1, { capacity });
}

describe('a grid', () => {
  const rows = { slow: ['w0', 'w1'], fast: ['w2', 'w3'] };
  const grid = { figure: 'latency p(99)', columns: ['none held', '500 held'], rows };

  it('has a cell for each variant, and tells the first and the last column of each row', () => {
    const answer = ask({ grid }, windows(10, 20, 40, 80));
    expect(answer.text).toBe(
      'in this run, p99 of latency with none held and with 500 held is 10.0 ms and 20.0 ms at slow and 40.0 ms and 80.0 ms at fast',
    );
    expect(answer.grid?.rows.map(({ cells }) => cells.map(({ low }) => low))).toEqual([
      [10_000, 20_000],
      [40_000, 80_000],
    ]);
  });

  it('says of a cell that it is invalid, or that it was not run', () => {
    const { grid: filled } = ask({ grid }, windows(10, 'invalid', 40));
    expect(filled?.rows[0]?.cells[1]).toMatchObject({ low: null, invalid: true });
    expect(filled?.rows[1]?.cells[1]).toMatchObject({ low: null, reason: 'it was not run' });
  });
});

describe('figures of held connections', () => {
  const MB = 1024 ** 2;

  function hold(name: string, asked: number, each?: number): JudgedRun {
    const acts = { due: 0, done: 0, failed: 0, skipped: 0, cancelled: 0 };
    const kept = {
      wanted: asked,
      fewestOpen: asked,
      lost: 0,
      back: 0,
      awayUs: 0,
      longestAwayUs: 0,
    };
    const held = {
      ...{
        name: 'idle',
        activity: 'held' as const,
        actingUs: 1,
        acts,
        inFlight: 0,
        errors: [],
        kept,
      },
      openings: [{ asked, opened: asked, elapsedUs: 1 }],
      ...(each === undefined ? {} : { memory: { backends: 50, bytes: 50 * each } }),
    };
    return makeRun(name, 1000, { background: [held] });
  }

  it('leave out a variant that holds none where they are about each of them', () => {
    const runs = [hold('w0', 0), hold('w1', 500, 2 * MB), hold('w2', 800, 1.5 * MB)];
    expect(ask({ tell: ['held fewest', 'held memoryEach'] }, runs).text).toBe(
      'in this run, the number of connections that were held: 0 with w0, 500 with w1 and 800 with w2; ' +
        'the private memory of each held connection: 2 MB with w1 and 1.5 MB with w2',
    );
  });

  it('say why fewer were held than asked for, once for all variants with the same reason', () => {
    const runs = [100, 500, 900].map((asked, index) => {
      const run = hold(`w${index}`, asked);
      const [held] = run.summary.background ?? [];
      if (held === undefined || asked === 100) return run;
      const openings = [{ asked: 1000, opened: asked, elapsedUs: 1, leftOut: 'no slot was free' }];
      return { ...run, summary: { ...run.summary, background: [{ ...held, openings }] } };
    });
    expect(ask({ tell: ['held fewest'] }, runs).text).toBe(
      'in this run, the number of connections that were held: 100 with w0, 500 with w1 and 900 with w2 (with w1 and w2: no slot was free)',
    );
  });

  it('are not known where the memory was not seen', () => {
    const { text, values } = ask({ tell: ['held memoryEach'] }, [hold('w0', 90)]);
    expect(text).toBe('in this run, the private memory of each held connection: not known with w0');
    expect(values).toMatchObject([{ reason: 'the host does not show the memory of its backends' }]);
  });

  it('blame no host for the memory of connections that were not held', () => {
    const [held] = hold('w1', 90).summary.background ?? [];
    const openings = [{ asked: 90, opened: 0, elapsedUs: 1, leftOut: 'no slot was free' }];
    const background = held === undefined ? [] : [{ ...held, openings }];
    const runs = [makeRun('w0', 1000), makeRun('w1', 1000, { background })];
    const reason = 'no connection is held';
    expect(ask({ tell: ['held memoryEach'] }, runs).values).toMatchObject([{ reason }, { reason }]);
    expect(ask({ tell: ['held fewest'] }, runs.slice(0, 1)).values).toMatchObject([{ reason }]);
  });
});
