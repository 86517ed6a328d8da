import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';

const HEAD = ['shows: a', 'load: { executor: constant-arrival-rate, rate: 5, duration: 10s }'];

function findProblems(...lines: readonly string[]): string {
  try {
    parseScenario([...HEAD, ...lines].join('\n'), 'x.yaml');
    return '';
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

describe('the background of a scenario', () => {
  it('may have each kind of activity', () => {
    const text = `background:
  held: { activity: held, connections: 5, touch: 1s }
  queries: { activity: queries, clients: 2, statement: SELECT 2, rate: 5 }
  cancels: { activity: cancels, rate: 5 }
  checks: { activity: health-checks, rate: 5, kind: silent, stay: 2s }
  abandons: { activity: abandons, rate: 5, after: 10ms }
  reloads: { activity: reloads, rate: 0.5 }
  ends: { activity: terminations, rate: 5 }
  parallel: { activity: parallel-queries, rate: 5, workers: 4 }`;
    expect(findProblems(text)).toBe('');
  });

  it.each<[string, string, string]>([
    [
      'an unknown activity',
      'a: { activity: reload, rate: 5 }',
      'x.yaml:3:30 background.a.activity',
    ],
    ['an activity without its rate', 'a: { activity: cancels }', 'x.yaml:3:15 background.a.rate'],
    ['a rate of 0', 'a: { activity: cancels, rate: 0 }', 'x.yaml:3:45 background.a.rate'],
    [
      'too many terminations',
      'a: { activity: terminations, rate: 51 }',
      'x.yaml:3:50 background.a.rate',
    ],
    ['too many workers', 'a: { activity: parallel-queries, rate: 1, workers: 5 }', 'workers'],
    ['a field of another kind', 'a: { activity: reloads, rate: 1, stay: 1s }', 'unknown field'],
    [
      'a name with a space',
      '"a b": { activity: reloads, rate: 1 }',
      'is not a name of an activity',
    ],
    [
      'COPY',
      'a: { activity: queries, clients: 1, statement: COPY t TO STDOUT }',
      'x.yaml:3:62 background.a.statement must be without COPY',
    ],
    [
      'a stay of checks that do not stay',
      'a: { activity: health-checks, rate: 1, kind: ssl, stay: 1s }',
      'x.yaml:3:71 background.a.stay does nothing with kind ssl: set kind to silent, or leave stay out',
    ],
    [
      'a stay of checks of the usual kind',
      'a: { activity: health-checks, rate: 1, stay: 1s }',
      'background.a.stay does nothing with kind tcp',
    ],
  ])('is refused with %s', (_what, activity, problem) => {
    expect(findProblems(`background: { ${activity} }`)).toContain(problem);
  });

  it('is refused in a variant, at its place there', () => {
    const bad = '{ activity: queries, clients: 1, statement: COPY t TO STDOUT }';
    expect(findProblems(`variants: { a: {}, b: { background: { q: ${bad} } } }`)).toContain(
      'variants.b.background.q.statement must be without COPY',
    );
  });
});

describe('a budget on an activity beside the load', () => {
  const background = `background:
  idle: { activity: held, connections: 5 }
  checks: { activity: health-checks, rate: 5, kind: silent }
  parallel: { activity: parallel-queries, rate: 5 }`;

  it('fits an activity that has the figure', () => {
    const budgets =
      'budgets: ["background.checks.failed rate < 1%", "background.parallel.workers count > 5", "background.idle.lost count <= 0"]';
    expect(findProblems(background, budgets)).toBe('');
  });

  it.each([
    [
      'background.check.failed rate < 1%',
      'there is no background.check: it has idle, checks, parallel; did you mean `checks`?',
    ],
    ['background.checks.workers count > 5', 'health-checks launches no parallel workers'],
    ['background.checks.lost count < 5', 'health-checks keeps no connections that could be lost'],
    ['background.checks.latency p(99) < 1s', 'a silent check lasts as long as stay says'],
    ['background.idle.done count > 5', 'connections that are only held do nothing. Set touch'],
  ])('is refused if the activity has none: %s', (budget, problem) => {
    expect(findProblems(background, `budgets: ["${budget}"]`)).toContain(problem);
  });

  it('is refused without activities', () => {
    expect(findProblems('budgets: ["background.checks.failed rate < 1%"]')).toContain(
      'there is no background.checks: it has no activities beside the load',
    );
  });

  it('is refused if no activity has such a figure', () => {
    expect(findProblems(background, 'budgets: ["background.checks.speed count < 5"]')).toContain(
      'must be background.NAME. and one of done count, done perSecond, failed count',
    );
  });
});
