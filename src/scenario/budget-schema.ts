import { z } from 'zod';
import { parseBudget } from './budget.ts';

const budget = z
  .string({ error: 'must be a budget such as latency p(99) < 250ms' })
  .superRefine((text, context) => {
    const parsed = parseBudget(text);
    if ('fault' in parsed) context.addIssue({ code: 'custom', message: parsed.fault });
  });

export const budgetsSchema = z
  .array(budget, { error: 'must be a list of budgets such as latency p(99) < 250ms' })
  .max(100)
  .exactOptional()
  .describe(
    'Bounds that the run is judged by; one that is broken, or cannot be judged, makes the exit code 99. METRIC AGGREGATION < VALUE: ' +
      'the metric is latency, serviceTime, firstQuery, a phase or sessionLatency, the aggregation p(50), p(90), p(95), p(99), p(99.9) ' +
      'or max; failed or dropped, of which rate or count is taken; goodput rate > SHARE; capacity value > RATE, of a saturation-search. ' +
      'METRIC{variant:NAME} is of one variant, without it each variant is judged. --budget adds to them.',
  );
