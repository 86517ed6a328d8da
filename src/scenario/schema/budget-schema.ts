import { z } from 'zod';
import { BACKGROUND_FIGURE_NAMES } from '../background-figure.ts';
import { parseBudget } from '../budget.ts';
import { describeNamed, FIGURE_NAMES } from '../named-figure.ts';

export const MOST_BUDGETS = 100;

const budget = z
  .string({
    // YAML reads what follows a brace or a colon as a map.
    error:
      'must be a budget, in quotes where it has braces, such as "latency{variant:a} p(99) < 250ms"',
  })
  .superRefine((text, context) => {
    const parsed = parseBudget(text);
    if ('fault' in parsed) context.addIssue({ code: 'custom', message: parsed.fault });
  });

/** Returns the figures that should be low (`least`) or high (`most`). */
function listNamed(best: 'most' | 'least'): string {
  return FIGURE_NAMES.filter((name) => describeNamed(name).best === best).join(', ');
}

export const budgetsSchema = z
  .array(budget, { error: 'must be a list of budgets such as latency p(99) < 250ms' })
  .max(MOST_BUDGETS)
  .exactOptional()
  .describe(
    'Limits that the run is judged by, such as latency p(99) < 250ms. If one fails or cannot be judged, the exit ' +
      'code is 99. The metric of METRIC AGGREGATION < VALUE is latency, serviceTime, firstQuery, ' +
      'firstQueryServiceTime, usable, usableServiceTime, sessionLatency, tcp, spawn, tls, auth, ready or query; its ' +
      'aggregation is p(50), p(90), p(95), p(99), p(99.9) or max. Other budgets begin with the name of another ' +
      `figure. These have upper limits: ${listNamed('least')}. These have lower limits: ${listNamed('most')}. ` +
      'Figures of an activity beside the load begin with background.NAME, as in background.checks.failed rate < 1%, ' +
      `and end with ${BACKGROUND_FIGURE_NAMES.join(', ')}. ` +
      'METRIC{variant:NAME} limits one variant; without the braces each ' +
      'variant is judged. --budget adds further ones.',
  );
