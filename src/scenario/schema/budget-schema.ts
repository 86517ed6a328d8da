import { z } from 'zod';
import { parseBudget } from '../budget.ts';

export const MOST_BUDGETS = 100;

const budget = z
  .string({
    // YAML takes what follows a brace or a colon for a map.
    error:
      'must be a budget, in quotes where it has braces, such as "latency{variant:a} p(99) < 250ms"',
  })
  .superRefine((text, context) => {
    const parsed = parseBudget(text);
    if ('fault' in parsed) context.addIssue({ code: 'custom', message: parsed.fault });
  });

export const budgetsSchema = z
  .array(budget, { error: 'must be a list of budgets such as latency p(99) < 250ms' })
  .max(MOST_BUDGETS)
  .exactOptional()
  .describe(
    'Bounds that the run is judged by; one that fails, or cannot be judged, makes the exit code 99. METRIC AGGREGATION < VALUE: ' +
      'the metric is latency, serviceTime, firstQuery, firstQueryServiceTime, sessionLatency, tcp, spawn, tls, auth, ready or query, the aggregation p(50), p(90), ' +
      'p(95), p(99), p(99.9) or max; failed, dropped, queryFailed or cut, of which rate or count is taken; ok rate > SHARE; goodput rate > ' +
      'SHARE; capacity value > RATE and capacity underGoal > RATE, of a saturation-search. ' +
      'METRIC{variant:NAME} is of one variant, without it each variant is judged. --budget adds to them.',
  );
