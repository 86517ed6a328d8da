import {
  type BackgroundFigure,
  describeBackground,
  parseBackgroundFigure,
  renderBackgroundFigure,
} from './background-figure.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { AGGREGATIONS, type Figure, JUDGED_METRICS, parseFigure } from './figure.ts';
import {
  describeNamed,
  FIGURE_NAMES,
  type FigureName,
  type FigureUnit,
  NAMED_FIGURES,
} from './named-figure.ts';
import { suggestNearest } from './nearest.ts';

/**
 * A limit on one figure of a run, as scenarios and flags write it: `METRIC[{variant:NAME}] AGGREGATION OP VALUE`, after
 * k6's thresholds (https://grafana.com/docs/k6/latest/using-k6/thresholds/). Times and failures have an upper limit;
 * figures that should be high, such as capacity and goodput, have a lower one.
 */
export interface Budget {
  /** The text as written. */
  text: string;
  /** undefined: it limits the run, or each of its variants. */
  variant: string | undefined;
  figure: BudgetFigure;
  /** Whether a value equal to the bound passes. */
  includesBound: boolean;
  /** In the figure's unit: microseconds, a share from 0 to 1, a number, a rate per second, bytes. */
  bound: number;
}

/**
 * A quantile of a time, a figure of the table in named-figure.ts, or one of an activity beside the load. `metric`: the
 * first word of its name.
 */
export type BudgetFigure =
  | ({ kind: 'quantile'; unit: 'us' } & Figure)
  | { kind: 'named'; unit: FigureUnit; metric: string; name: FigureName }
  | BackgroundFigure;

const EXAMPLES = 'latency p(99) < 250ms, failed rate < 0.1% or capacity value > 400/s';
const SHAPE = /^([\w.-]+)\s*(?:\{([^{}]*)\})?\s+([^\s<>=]+)\s*([<>=!]+)\s*(.*)$/;
const SELECTOR = /^\s*variant\s*:\s*([A-Za-z0-9_-]+)\s*$/;

/** Several times the longest useful budget. Parsing time grows with the square of the length. */
const LONGEST_BUDGET = 200;

/** Returns the budget, or what is wrong with its text. */
export function parseBudget(given: string): Budget | { fault: string } {
  if (given.length > LONGEST_BUDGET) {
    return { fault: `must have at most ${LONGEST_BUDGET} characters, got ${given.length}` };
  }
  const text = given.trim();
  const [, metric = '', selector, aggregation = '', operator = '', value = ''] =
    SHAPE.exec(text.replace(/\(\s*([\d.]+)\s*\)/, '($1)')) ?? [];
  if (metric === '') return { fault: `must be a budget such as ${EXAMPLES}` };
  const variant = selector === undefined ? undefined : SELECTOR.exec(selector)?.[1];
  if (selector !== undefined && variant === undefined) {
    return { fault: 'must select a variant by {variant:NAME}, or have no braces' };
  }
  const figure = findFigure(metric, aggregation);
  if ('fault' in figure) return figure;
  const wanted = isFloor(figure) ? '>' : '<';
  if (operator !== wanted && operator !== `${wanted}=`) {
    return { fault: `must compare ${metric} by ${wanted} or ${wanted}=` };
  }
  // Reports write `250 ms`, so a budget may too.
  const bound = parseBound(figure, value.replace(/^([\d.]+)\s+/, '$1'));
  if (bound === undefined) return { fault: `must have ${describeBound(figure)} after ${operator}` };
  const budget = { text, variant, figure, includesBound: operator.endsWith('='), bound };
  const fault = findVacuity(budget) ?? (isUnitless(figure, value) ? ONE_IS_ALL : undefined);
  return fault === undefined ? budget : { fault };
}

/** Returns whether more is better, so that the bound is a lower limit. */
export function isFloor(figure: BudgetFigure): boolean {
  if (figure.kind === 'quantile') return false;
  const { best } =
    figure.kind === 'named' ? NAMED_FIGURES[figure.name] : describeBackground(figure.name);
  return best === 'most';
}

/** Returns why no run could fail the budget, or none could pass it; undefined if both are possible. */
function findVacuity({ figure, includesBound, bound }: Budget): string | undefined {
  const most = figure.unit === 'share' ? 1 : Number.POSITIVE_INFINITY;
  const least = figure.unit === 'ratio' ? 1 : 0;
  const [best, worst] = isFloor(figure) ? [most, 0] : [least, most];
  if (bound < least) return 'can never pass: each success takes at least one attempt';
  if (bound === best && !includesBound) return `can never pass: use <= or >=`;
  if (bound === worst && includesBound) return 'can never fail';
  return undefined;
}

const ONE_IS_ALL = 'is ambiguous: write 1% for one percent, or 100% for all';

/** Returns whether a share is given as a plain 1, which may be meant as one percent. */
function isUnitless({ unit }: BudgetFigure, value: string): boolean {
  return unit === 'share' && /^1(\.0*)?$/.test(value.trim());
}

/** Returns the budget's text for one variant. */
export function nameBudget({ text, variant }: Budget, of: string | undefined): string {
  if (of === undefined || variant !== undefined) return text;
  return text.replace(/^[\w.-]+/, (metric) => `${metric}{variant:${of}}`);
}

/** Returns the figure of a name such as `latency p(99)` or `failed rate`, or what is wrong with the name. */
export function parseBudgetFigure(text: string): BudgetFigure | { fault: string } {
  const [metric = '', ...rest] = text.trim().split(/\s+/);
  return findFigure(metric, rest.join(''));
}

/** Returns a figure's name as budgets write it. */
export function renderBudgetFigure(figure: BudgetFigure): string {
  if (figure.kind === 'background') return renderBackgroundFigure(figure);
  return figure.kind === 'named' ? figure.name : `${figure.metric} ${figure.aggregation}`;
}

function findFigure(metric: string, aggregation: string): BudgetFigure | { fault: string } {
  const name = FIGURE_NAMES.find((known) => known === `${metric} ${aggregation}`);
  if (name !== undefined) {
    return { kind: 'named', unit: describeNamed(name).unit, metric, name };
  }
  const beside = parseBackgroundFigure(metric, aggregation);
  if (beside !== undefined) return beside;
  const parsed = parseFigure(`${metric} ${aggregation}`);
  if (!('fault' in parsed)) return { kind: 'quantile', unit: 'us', ...parsed };
  const own = FIGURE_NAMES.filter((known) => known.startsWith(`${metric} `));
  if (own.length > 0) return { fault: `must begin with ${own.join(' or ')}` };
  const isDuration = JUDGED_METRICS.some((known) => known === metric);
  const metrics = [...JUDGED_METRICS, ...FIGURE_NAMES.map((known) => known.split(' ')[0] ?? known)];
  return {
    fault: isDuration
      ? `must have one of ${AGGREGATIONS.join(', ')} after ${metric}`
      : `must begin with one of ${[...JUDGED_METRICS, ...FIGURE_NAMES].join(', ')}${suggestNearest(metric, metrics)}`,
  };
}

function parseBound({ unit }: BudgetFigure, text: string): number | undefined {
  if (unit === 'us') return DURATION_PATTERN.test(text) ? parseDuration(text) : undefined;
  if (unit === 'bytes') return parseBytes(text);
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)\s*(%|\/s)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = Number(digits);
  if (unit === 'perSecond') return suffix === '%' ? undefined : value;
  if (unit === 'ratio') return suffix === '' ? value : undefined;
  if (unit === 'count') return suffix === '' && Number.isInteger(value) ? value : undefined;
  if (suffix === '/s') return undefined;
  // Parsed as one decimal number: 0.7 / 100 is not 0.007, and then 7 of 1000 would break a limit of 0.7 %.
  const share = suffix === '%' ? Number(`${digits}e-2`) : value;
  return share <= 1 ? share : undefined;
}

/** Parses a size such as 3MB. As in Postgres's settings, a kB has 1024 bytes. */
function parseBytes(text: string): number | undefined {
  const [, digits, size = ''] = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB)$/.exec(text) ?? [];
  const power = SIZES.indexOf(size) + 1;
  return digits === undefined ? undefined : Math.round(Number(digits) * 1024 ** power);
}

const SIZES = ['kB', 'MB', 'GB'];

function describeBound({ unit }: BudgetFigure): string {
  return BOUNDS[unit];
}

const BOUNDS = {
  us: 'a duration such as 250ms or 1.5s',
  share: 'a share such as 0.1% or 0.001',
  count: 'a whole number',
  ratio: 'a number such as 2 or 1.5',
  perSecond: 'a rate such as 400/s',
  bytes: 'a size such as 3MB',
} satisfies Record<FigureUnit, string>;
