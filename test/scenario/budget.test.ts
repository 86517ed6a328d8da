import { describe, expect, it } from 'vitest';
import { nameBudget, parseBudget } from '../../src/scenario/budget.ts';

describe('a budget', () => {
  it.each<[string, object]>([
    [
      'latency p(99) < 250ms',
      { figure: { unit: 'us', metric: 'latency', aggregation: 'p(99)' }, bound: 250_000 },
    ],
    [
      'spawn{variant:pooled} p(95)<=1m1.5s',
      { variant: 'pooled', includesBound: true, bound: 61_500_000 },
    ],
    ['firstQuery{ variant: a-b } max < 1s', { variant: 'a-b' }],
    ['failed rate < 0.1%', { figure: { unit: 'share', metric: 'failed' }, bound: 0.001 }],
    ['dropped rate <= 0', { figure: { unit: 'share', metric: 'dropped' }, includesBound: true }],
    ['failed count < 10', { figure: { unit: 'count' }, bound: 10 }],
    [
      'outage max < 3s',
      { figure: { unit: 'us', metric: 'outage', name: 'outage max' }, bound: 3_000_000 },
    ],
    [
      'recovery max < 10s',
      { figure: { unit: 'us', metric: 'recovery', name: 'recovery max' }, bound: 10_000_000 },
    ],
    [
      'attemptsPerSuccess avg < 2.5',
      { figure: { unit: 'ratio', metric: 'attemptsPerSuccess' }, bound: 2.5 },
    ],
    ['goodput rate > 0.99', { figure: { unit: 'share', metric: 'goodput' }, bound: 0.99 }],
    ['capacity value > 400/s', { figure: { unit: 'perSecond' }, bound: 400 }],
    ['  capacity value >= 400 ', { text: 'capacity value >= 400', includesBound: true }],
    [
      'capacity underGoal > 400/s',
      { figure: { metric: 'capacity', name: 'capacity underGoal' }, bound: 400 },
    ],
    [
      'background.checks.failed rate < 1%',
      { figure: { kind: 'background', activity: 'checks', name: 'failed rate' }, bound: 0.01 },
    ],
    [
      'background.big-one.latency{variant:a} p(99) < 50ms',
      { variant: 'a', figure: { activity: 'big-one', name: 'latency p(99)' }, bound: 50_000 },
    ],
    [
      'background.q.workers perSecond >= 4/s',
      { figure: { unit: 'perSecond', activity: 'q' }, includesBound: true, bound: 4 },
    ],
    ['ok rate >= 100%', { figure: { metric: 'ok' }, includesBound: true, bound: 1 }],
    ['queryFailed rate < 0.7%', { figure: { metric: 'queryFailed' }, bound: 0.007 }],
    ['cut count < 5', { figure: { unit: 'count', metric: 'cut' }, bound: 5 }],
    ['held memoryEach < 3MB', { figure: { unit: 'bytes', metric: 'held' }, bound: 3 * 1024 ** 2 }],
    ['held memoryEach < 512 kB', { bound: 512 * 1024 }],
    ['held memoryEach <= 1.5GB', { includesBound: true, bound: 1.5 * 1024 ** 3 }],
    ['held fewest > 900', { figure: { unit: 'count', metric: 'held' }, bound: 900 }],
    // As a report prints them.
    ['latency p( 99 ) < 250 ms', { bound: 250_000 }],
    ['failed rate < 0.1 %', { bound: 0.001 }],
    ['capacity value > 400 /s', { bound: 400 }],
  ])('%s', (text, expected) => {
    expect(parseBudget(text)).toMatchObject({
      text: text.trim(),
      variant: undefined,
      includesBound: false,
      ...expected,
    });
  });

  it.each([
    ['', 'must be a budget such as latency p(99) < 250ms'],
    ['latency', 'must be a budget such as'],
    ['5', 'must be a budget such as'],
    ['latency{load:a} p(99) < 1s', 'must select a variant by {variant:NAME}'],
    ['latency p(97) < 1s', 'must have one of p(50), p(90)'],
    ['latency avg < 1s', 'must have one of p(50)'],
    ['speed p(99) < 1s', 'must begin with one of latency, serviceTime'],
    ['Latency p(99) < 1s', 'did you mean `latency`?'],
    ['failed rate < 1', 'is ambiguous: write 1% for one percent, or 100% for all'],
    ['ok rate >= 1.0', 'is ambiguous: write 1% for one percent, or 100% for all'],
    ['failed rate <= 100%', 'can never fail'],
    ['ok rate >= 0%', 'can never fail'],
    ['capacity value >= 0', 'can never fail'],
    ['failed count < 0', 'can never pass: use <= or >='],
    ['latency p(99) < 0ms', 'can never pass'],
    ['goodput rate > 100%', 'can never pass'],
    ['attemptsPerSuccess avg < 1', 'can never pass'],
    ['attemptsPerSuccess avg < 0.5', 'can never pass'],
    ['attemptsPerSuccess avg < 50%', 'a number such as 2'],
    ['held memoryEach < 3', 'must have a size such as 3MB after <'],
    ['held memoryEach < 3mb', 'must have a size such as 3MB after <'],
    ['outage p(99) < 1s', 'must begin with outage max'],
    ['failed p(99) < 1s', 'must begin with failed rate or failed count'],
    ['latency p(99) > 1s', 'must compare latency by < or <='],
    ['latency p(99) == 1s', 'must compare latency by < or <='],
    ['capacity value < 400/s', 'must compare capacity by > or >='],
    ['latency p(99) < 250', 'must have a duration such as 250ms'],
    ['latency p(99) < ', 'must have a duration such as 250ms'],
    ['failed rate < 110%', 'must have a share such as 0.1%'],
    ['failed rate < 1/s', 'must have a share such as 0.1%'],
    ['failed count < 0.5', 'must have a whole number'],
    ['capacity value > 4%', 'must have a rate such as 400/s'],
  ])('%j is none', (text, why) => {
    expect(parseBudget(text)).toMatchObject({ fault: expect.stringContaining(why) });
  });

  it('is named after the variant that it is judged by', () => {
    const budget = parseBudget('latency p(99) < 1s');
    const selecting = parseBudget('latency{variant:a} p(99) < 1s');
    if ('fault' in budget || 'fault' in selecting) throw new Error('not parsed');
    const beside = parseBudget('background.big-one.done count > 5');
    if ('fault' in beside) throw new Error(beside.fault);
    expect(nameBudget(beside, 'a')).toBe('background.big-one.done{variant:a} count > 5');
    expect(nameBudget(budget, undefined)).toBe('latency p(99) < 1s');
    expect(nameBudget(budget, 'a')).toBe('latency{variant:a} p(99) < 1s');
    expect(nameBudget(selecting, 'a')).toBe('latency{variant:a} p(99) < 1s');
  });
});
