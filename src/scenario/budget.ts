import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { AGGREGATIONS, type Figure, JUDGED_METRICS, parseFigure } from './figure.ts';

/**
 * A bound on one figure of a run, as scenarios and flags write it: `METRIC[{variant:NAME}] AGGREGATION OP VALUE`, after k6's thresholds
 * (https://grafana.com/docs/k6/latest/using-k6/thresholds/). Times are bounded from above, capacity and goodput from below.
 */
export interface Budget {
  /** As it was written. */
  text: string;
  /** undefined: of the run, or of each of its variants. */
  variant: string | undefined;
  figure: BudgetFigure;
  /** Whether the bound itself is within the budget. */
  includesBound: boolean;
  /** In the figure's unit: microseconds, a share from 0 to 1, a number, a rate per second. */
  bound: number;
}

export type BudgetFigure =
  | ({ unit: 'us' } & Figure)
  | { unit: 'share'; metric: 'failed' | 'dropped' | 'goodput' }
  | { unit: 'count'; metric: 'failed' | 'dropped' }
  | { unit: 'perSecond'; metric: 'capacity' };

export type BudgetUnit = BudgetFigure['unit'];

/** The figures that are no durations, by the words that name them. */
const OTHERS: Record<string, BudgetFigure> = {
  'failed rate': { unit: 'share', metric: 'failed' },
  'failed count': { unit: 'count', metric: 'failed' },
  'dropped rate': { unit: 'share', metric: 'dropped' },
  'dropped count': { unit: 'count', metric: 'dropped' },
  'goodput rate': { unit: 'share', metric: 'goodput' },
  'capacity value': { unit: 'perSecond', metric: 'capacity' },
};

const EXAMPLES = 'latency p(99) < 250ms, failed rate < 0.1% or capacity value > 400/s';
const SHAPE = /^(\w+)\s*(?:\{([^{}]*)\})?\s+([^\s<>=]+)\s*([<>=!]+)\s*(.*)$/;
const SELECTOR = /^\s*variant\s*:\s*([A-Za-z0-9_-]+)\s*$/;

/** The budget, or what is wrong with its text. */
export function parseBudget(given: string): Budget | { fault: string } {
  const text = given.trim();
  const [, metric = '', selector, aggregation = '', operator = '', value = ''] =
    SHAPE.exec(text) ?? [];
  if (metric === '') return { fault: `must be a budget such as ${EXAMPLES}` };
  const variant = selector === undefined ? undefined : SELECTOR.exec(selector)?.[1];
  if (selector !== undefined && variant === undefined) {
    return { fault: 'must select by {variant:NAME}, or leave the braces out' };
  }
  const figure = findFigure(metric, aggregation);
  if ('fault' in figure) return figure;
  const wanted = isFloor(figure) ? '>' : '<';
  if (operator !== wanted && operator !== `${wanted}=`) {
    return { fault: `must bound ${metric} by ${wanted} or ${wanted}=` };
  }
  const bound = parseBound(figure, value);
  if (bound === undefined) return { fault: `must have ${describeBound(figure)} after ${operator}` };
  return { text, variant, figure, includesBound: operator.endsWith('='), bound };
}

/** Whether more is better. */
export function isFloor({ metric }: BudgetFigure): boolean {
  return metric === 'capacity' || metric === 'goodput';
}

/** The budget's text, said of one variant. */
export function nameBudget({ text, variant }: Budget, of: string | undefined): string {
  if (of === undefined || variant !== undefined) return text;
  return text.replace(/^\w+/, (metric) => `${metric}{variant:${of}}`);
}

function findFigure(metric: string, aggregation: string): BudgetFigure | { fault: string } {
  const other = Object.entries(OTHERS).find(([name]) => name === `${metric} ${aggregation}`)?.[1];
  if (other !== undefined) return other;
  const parsed = parseFigure(`${metric} ${aggregation}`);
  if (!('fault' in parsed)) return { unit: 'us', ...parsed };
  const names = Object.keys(OTHERS);
  const own = names.filter((name) => name.startsWith(`${metric} `));
  if (own.length > 0) return { fault: `must be of ${own.join(' or ')}` };
  const isDuration = JUDGED_METRICS.some((known) => known === metric);
  return {
    fault: isDuration
      ? `must take of ${metric} one of ${AGGREGATIONS.join(', ')}`
      : `must be of one of ${[...JUDGED_METRICS, ...names].join(', ')}`,
  };
}

function parseBound({ unit }: BudgetFigure, text: string): number | undefined {
  if (unit === 'us') return DURATION_PATTERN.test(text) ? parseDuration(text) : undefined;
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)\s*(%|\/s)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = Number(digits);
  if (unit === 'perSecond') return suffix === '%' ? undefined : value;
  if (unit === 'count') return suffix === '' && Number.isInteger(value) ? value : undefined;
  if (suffix === '/s') return undefined;
  const share = suffix === '%' ? value / 100 : value;
  return share <= 1 ? share : undefined;
}

function describeBound({ unit }: BudgetFigure): string {
  if (unit === 'us') return 'a duration such as 250ms or 1.5s';
  if (unit === 'share') return 'a share such as 0.1% or 0.001';
  return unit === 'count' ? 'a whole number' : 'a rate such as 400/s';
}
