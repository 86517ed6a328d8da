import { describe, expect, it } from 'vitest';
import type { Capacity } from '../../../src/result/records/capacity.ts';
import { renderSearch } from '../../support/synthetic/render-search.ts';
import {
  CURVE,
  FOUND,
  INVALID,
  NOT_REACHED,
  NOTHING,
  UNSTABLE,
  WALL,
} from '../../support/synthetic/synthetic-capacity.ts';

const UNDER_GOAL: Capacity = {
  ...FOUND,
  underGoal: { ...FOUND, lowerPerSecond: 362, upperPerSecond: 371, goalUs: 250_000 },
};
const BELOW_ALL: Capacity = {
  ...NOTHING,
  upperPerSecond: 20,
  reason: 'none of the rates that were tried was sustained; at 20.0/s 12 of 20.0/s achieved',
};
const ANSWERS: Record<string, Capacity> = {
  found: FOUND,
  'found, with a goal': UNDER_GOAL,
  'not-reached': NOT_REACHED,
  'not-reached, not even the first rate sustained': BELOW_ALL,
  'not-reached, cut off': NOTHING,
  wall: WALL,
  invalid: INVALID,
  unstable: UNSTABLE,
};
const KINDS = Object.entries(ANSWERS);

/** The lines before the first empty one, long ones put together again. */
function readHead(text: string): string[] {
  return (text.split('\n\n')[0] ?? '').replace(/\n {2}/g, ' ').split('\n');
}

describe('the report of a search', () => {
  it('begins with the capacity, then tells of the target, the curve, the room that is left', () => {
    const text = renderSearch(UNDER_GOAL);
    expect(text.slice(0, text.indexOf('\n\n  '))).toMatchInlineSnapshot(`
      "sustains 402-421 connects/s (found; confirmed at 362/s for 8 s)
      with p99 of latency within 250 ms: 362-371 connects/s (found)
      above that rate: 387 of 417/s achieved, in flight grew to 84

      direct 127.0.0.1:5432 (lab), PostgreSQL 18.4, scram-sha-256, no TLS, wire
        driver
      saturate: saturation-search, steps of 4 s, each at 1.25 times the rate before,
        then trials until the interval is 5.0% wide, in at most 120 s, seed 7, 2
        workers, at most 100 in flight
      valid

      offered  achieved      p50      p99  spawn p50  in flight    sustained
      20.5/s     20.5/s  5.00 ms  9.00 ms    2.00 ms    0.1 / 9  yes, 1 of 1
      205/s       205/s  5.00 ms  9.10 ms    2.00 ms    1.0 / 9  yes, 1 of 1
      256/s       256/s  5.00 ms  12.0 ms    2.00 ms    1.3 / 9  yes, 1 of 1
      320/s       320/s  5.00 ms  19.0 ms    2.00 ms    1.6 / 9  yes, 1 of 1
      362/s       362/s  5.00 ms  31.0 ms    2.00 ms    1.8 / 9  yes, 1 of 1
      400/s       400/s  5.00 ms   140 ms    2.00 ms    24 / 88  yes, 3 of 4
      417/s       409/s  5.00 ms   610 ms    2.00 ms    2.1 / 9   no, 1 of 4
      500/s       404/s  5.00 ms  9.00 ms    2.00 ms  190 / 391   no, 0 of 1
      625/s       396/s  5.00 ms  9.00 ms    2.00 ms    3.1 / 9      invalid
      p50 and p99 are of latency; in flight: mean / highest number; sustained: the
        verdict, and how many of the trials sustained the rate
      trials that do not count because of connstorm itself: 1 of 5 at 417/s, 1 of 1
        at 625/s
      taste (closed loop, to find the first rate): 16 clients achieved 10.0/s, 64
        clients achieved 10.0/s

      achieved
      409/s |                                       .o.x.      x            ?
            |                                  ..o..
            |                             ...o.
            |                        ..o..
            |                   ..o..
            |             ......
            |        .....
            |   .....
          0 +..o-------------------------------------------------------------
             0                                                  offered 625/s
      o sustained, x not sustained, ? connstorm's own fault, . achieved = offered

      at 205/s the target could take 1.96-2.06 times this rate; p99 of latency was
        9.10 ms (820 values)
      at 320/s the target could take 1.26-1.32 times this rate; p99 of latency was
        19.0 ms (1,280 values)
      if clients come all at once, the last one is connected after at least:
        2.37-2.49 s for 1,000 clients, 7.12-7.46 s for 3,000 clients (clients /
        capacity; beyond its capacity a server may be slower)"
    `);
  });

  it('says how many of the clients of a closed loop were in flight at most', () => {
    const text = renderSearch(UNDER_GOAL, { columns: 200, maxInFlight: 27 });
    expect(text).toContain(
      '16 clients achieved 10.0/s, 64 clients (at most 27 in flight) achieved 10.0/s',
    );
  });

  it.each([
    ['found', 'sustains 402-421 connects/s (found; confirmed at 362/s for 8 s)'],
    ['not-reached', 'sustains at least 400 connects/s (not-reached)'],
    [
      'not-reached, not even the first rate sustained',
      'sustains less than 20.0 connects/s (not-reached)',
    ],
    ['not-reached, cut off', 'capacity unknown (not-reached)'],
    ['wall', 'hits a wall at 15.6-19.5 connects/s (wall; confirmed at 362/s for 8 s)'],
    ['invalid', 'capacity unknown; sustains at least 400 connects/s (invalid)'],
    [
      'unstable',
      'sustains at least 302 and less than 421 connects/s; the machine itself changed by 35% meanwhile (unstable; not confirmed: not sustained at 362/s for 8 s)',
    ],
  ])('answers first, in a sentence: %s', (kind, sentence) => {
    expect(readHead(renderSearch(ANSWERS[kind] ?? FOUND))[0]).toBe(sentence);
  });

  it.each([
    ['found', 'above that rate: 387 of 417/s achieved'],
    ['not-reached', 'what ended the search: maxRate, 400/s, was sustained'],
    ['not-reached, cut off', 'what ended the search: the search was cut off'],
    ['wall', 'why connects were refused: 31 of 78 connects were refused (53300 sorry'],
    ['invalid', "connstorm gave out first: connstorm itself took 71% of the host's CPU"],
  ])('says what the answer rests on: %s', (kind, reason) => {
    expect(readHead(renderSearch(ANSWERS[kind] ?? FOUND))[1]).toContain(reason);
  });

  it.each([
    [
      'not-reached',
      'no upper bound: the search ended before it found a rate that is not sustained',
    ],
    [
      'not-reached, not even the first rate sustained',
      'no lower bound: the search ended before it found a rate that is sustained',
    ],
    ['wall', 'a wall is a limit on slots, not on what the server can do'],
    ['invalid', "this is not the target's capacity: above this rate connstorm itself is the limit"],
  ])('says of an answer that is none what it means: %s', (kind, meaning) => {
    expect(readHead(renderSearch(ANSWERS[kind] ?? FOUND)).at(-1)).toContain(meaning);
  });

  it('says of an upper bound that was not tried what it rests on', () => {
    const untried = 'no rate as high as the upper bound was tried';
    const render = (capacity: object) =>
      renderSearch({ ...UNSTABLE, ...capacity }).replaceAll(/\s+/g, ' ');
    expect(render({ upperUntried: true })).toContain(untried);
    expect(render({})).not.toContain(untried);
  });

  it('says of an unstable answer who took the CPU, what it did at the least, and how to go on', () => {
    const [, ...lines] = readHead(renderSearch(UNSTABLE));
    expect(lines).toEqual([
      'why the interval is not narrower: what was sustained and what was not lie 39% apart',
      "others took CPU that the target needed in 9 of 19 steps (up to 62% of the host's CPU over a whole step). Of these steps, those that were sustained nevertheless count, and the others do not",
      'for a short time the target achieved only 220/s',
      'the target never achieved more than the upper bound, and at least four fifths of the time it achieved the lower bound or more; for a closer answer, repeat the search when nothing else needs the machine',
    ]);
  });

  it('says first when and by what a search was cut short, and gives no other reason', () => {
    const reason = 'the target stopped accepting connects: 115 of 391 connects failed (gone)';
    const cutShort = { by: 'target', atUs: 21_412_345, reason } as const;
    const curve = CURVE.map((point) => ({ ...point, bad: 0, broken: 1, trials: point.trials + 1 }));
    const text = renderSearch({ ...NOT_REACHED, reason, cutShort, curve });
    expect(readHead(text)[1]).toBe(`the search was cut short at about 21 s: ${reason}`);
    expect(readHead(text).join()).not.toContain('what ended the search');
    expect(text).toContain(
      'trials that do not count because the target was down or stopped serving: 1 of',
    );
    expect(text.replace(/\n {2}/g, ' ')).toMatch(
      /verdict: sustains at least .*; the search was cut short at about 21 s: the target stopped/,
    );
  });

  it('tells of no change that controls differ by on a quiet machine', () => {
    const changed = { lowPerSecond: 300, highPerSecond: 320 };
    expect(renderSearch({ ...UNSTABLE, changed })).not.toContain('changed by');
  });

  it('says that a target stood still, and gives no ratio to nothing', () => {
    const changed = { lowPerSecond: 0, highPerSecond: 320 };
    const report = renderSearch({ ...UNSTABLE, changed }, { columns: 200 });
    expect(report).toContain('the target itself stood still at times');
    expect(report).not.toContain('Infinity');
  });

  it('marks trials that say nothing', () => {
    expect(renderSearch(UNSTABLE).replaceAll(/\s+/g, ' ')).toContain(
      'trials that do not count because they were held up or others took the CPU: 2',
    );
  });

  it.each([
    [{ confirmed: false }, '(found; not confirmed: not sustained at 362/s for 8 s)'],
    [{ confirmed: null }, '(found; not confirmed: not tried)'],
  ])('says whether it was confirmed: %j', (outcome, words) => {
    expect(renderSearch({ ...FOUND, ...outcome }).replaceAll(/\s+/g, ' ')).toContain(words);
  });

  it('says by how much the interval is wider than was asked for', () => {
    const wide = { ...FOUND, lowerPerSecond: 350 };
    const words = 'the interval is 20% wide; 5.0% was asked for';
    expect(renderSearch(wide)).toContain(words);
    expect(renderSearch(wide, { search: { tolerance: 0.25 } })).not.toContain('was asked for');
    expect(renderSearch(FOUND)).not.toContain('was asked for');
  });

  it.each([
    [{ kind: 'found' }, 'with p99 of latency within 250 ms: 362-371 connects/s (found)'],
    [
      { kind: 'not-reached', upperPerSecond: null },
      'with p99 of latency within 250 ms: at least 362 connects/s (not-reached)',
    ],
    [
      { kind: 'not-reached', lowerPerSecond: null, upperPerSecond: null },
      'with p99 of latency within 250 ms: unknown (not-reached)',
    ],
  ] as const)("has the goal's answer beside it: %j", (answer, sentence) => {
    const { underGoal } = UNDER_GOAL;
    if (underGoal === undefined) throw new Error('it has no goal');
    const reason = 'maxDuration has passed';
    const capacity: Capacity = { ...FOUND, underGoal: { ...underGoal, reason, ...answer } };
    const head = readHead(renderSearch(capacity));
    expect(head[1]).toBe(sentence);
    expect(head.filter((line) => line.startsWith('within the goal'))).toEqual(
      answer.kind === 'found' ? [] : [`within the goal, what ended the search: ${reason}`],
    );
  });

  it.each(KINDS.filter(([, { kind }]) => kind !== 'found'))(
    'promises no herd a time where no capacity was found: %s',
    (_, capacity) => {
      expect(renderSearch(capacity)).not.toContain('if clients come all at once');
    },
  );

  it.each<[string, Partial<Capacity>, string]>([
    [
      'where some steps were not sustained',
      {},
      'these figures are of all steps of the search together, also of those that were not sustained; figures for each rate are above',
    ],
    [
      'where all were',
      { curve: CURVE.slice(0, 5) },
      'these figures are of all steps of the search together; figures for each rate are above',
    ],
    [
      'where none is above',
      { curve: [] },
      'these figures are of all steps of the search together\n',
    ],
  ])('says of what steps the figures are: %s', (_, over, sentence) => {
    const text = renderSearch({ ...NOT_REACHED, ...over }, { columns: 1000 });
    expect(`${text.match(/^these figures are of all steps.*$/m)?.[0]}\n`).toContain(sentence);
  });

  it.each<[string, Capacity, string]>([
    ['no bounds at all', NOTHING, 'no bounds: the search ended before it could judge a rate'],
    [
      'a rate that was once not sustained',
      { ...NOT_REACHED, curve: CURVE.slice(0, 8) },
      'no upper bound: the search ended before it was sure of a rate that is not sustained',
    ],
    [
      'an unstable answer without bounds',
      { ...UNSTABLE, lowerPerSecond: null, upperPerSecond: null },
      'the search saw nothing that gives a bound on the capacity; for a closer answer',
    ],
  ])('claims no more than holds: %s', (_, capacity, meaning) => {
    expect(readHead(renderSearch(capacity)).at(-1)).toContain(meaning);
  });

  it('explains no column that is left out', () => {
    expect(renderSearch(FOUND)).toMatch(/^p50 and p99 are of latency; in flight: mean/m);
    const narrow = renderSearch(FOUND, { columns: 40 });
    expect(narrow).toMatch(/^p99 is of latency; sustained/m);
    expect(narrow.replaceAll(/\s+/g, ' ')).not.toContain('in flight: mean');
  });

  it.each([
    [
      'found',
      'at 320/s the target could take 1.26-1.32 times this rate; p99 of latency was 19.0 ms (1,280',
    ],
    ['not-reached', 'at 320/s the target could take at least 1.25 times this rate; p99'],
    ['wall', 'at 7.80/s the target could take 2.00-2.50 times this rate'],
  ])('tells the room above a rate that was sustained: %s', (kind, room) => {
    expect(renderSearch(ANSWERS[kind] ?? FOUND).replaceAll(/\s+/g, ' ')).toContain(room);
  });

  it('tells of no room above a rate that is beyond the lower end of the answer', () => {
    const capacity = { ...FOUND, curve: CURVE.filter((point) => point.offeredPerSecond >= 400) };
    expect(renderSearch({ ...capacity, lowerPerSecond: 390 })).not.toContain('could take');
    expect(renderSearch(capacity)).toContain('at 400/s the target could take 1.01-1.05 times');
  });

  it.each(['invalid', 'not-reached, cut off', 'not-reached, not even the first rate sustained'])(
    'tells of no room where none is known: %s',
    (kind) => {
      expect(renderSearch(ANSWERS[kind] ?? FOUND)).not.toContain('could take');
    },
  );

  it('has no number in its answer where nothing was earned', () => {
    expect(readHead(renderSearch(NOTHING)).join('')).not.toMatch(/\d/);
  });

  it('does not show its steps as a ramp too, nor the mean of all its rates', () => {
    const text = renderSearch(FOUND);
    expect(text).not.toMatch(/^window/m);
    expect(text).not.toMatch(/, achieved /);
    expect(text).toContain('all steps of the search together');
  });

  it('names what its settings leave open', () => {
    const search = { startRatePerSecond: 50, maxRatePerSecond: 400, latencyGoalUs: 250_000 };
    const text = renderSearch(FOUND, { search }).replace(/\n {2}/g, ' ');
    expect(text).toContain(
      'saturate: saturation-search, steps of 4 s from 50.0/s to at most 400/s, each at 1.25 times the rate before, then trials until the interval is 5.0% wide, p99 of latency within 250 ms, in at most 120 s, seed 7',
    );
    expect(text).toMatch(/^arrivals: 30 due/m);
    expect(renderSearch(FOUND)).toMatch(/^arrivals and cycles: 30 due/m);
  });

  it.each(
    KINDS.flatMap(([kind, capacity]) =>
      [80, 60].map((columns) => [kind, columns, capacity] as const),
    ),
  )('keeps what a search adds within its columns: %s, %i', (_, columns, capacity) => {
    const [search = ''] = renderSearch(capacity, { columns }).split(/\n\n +count /);
    for (const line of search.split('\n')) expect([...line].length).toBeLessThanOrEqual(columns);
  });

  it.each(KINDS)('has the same text in colour, and no escape code without: %s', (_, capacity) => {
    const plain = renderSearch(capacity);
    expect(plain).not.toContain('\x1b');
    const coloured = renderSearch(capacity, { colour: true });
    expect(coloured).toContain('\x1b[1m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    expect(coloured.replace(/\x1b\[\d+m/g, '').replace(/ +$/gm, '')).toBe(plain);
  });

  it("does not let a server's words control the terminal", () => {
    const reason = '3 of 3 connects were refused (53300 \x1b[2Jno)';
    expect(renderSearch({ ...WALL, reason })).toContain('(53300 \\x1b[2Jno)');
  });
});

it.each([
  ['1s', 1],
  ['0s', 0],
])('says once what connections take that are held for %s', (hold, times) => {
  const report = renderSearch(FOUND, { columns: 200, hold });
  expect(report.split('do not count in flight').length - 1).toBe(times);
});

it.each([
  [{ queries: 0 }, 'in flight: mean / highest number; sustained'],
  [{ queries: 1 }, "highest number until the first query's result (the cap counts until ready)"],
  [{ statements: ['SET x.y = 1'] }, "highest number until the last statement's result (the cap"],
])('says until when attempts are in flight in a search with %j', (connection, note) => {
  const text = renderSearch(FOUND, { connection }).replace(/\s+/g, ' ');
  expect(text).toContain(note);
});
