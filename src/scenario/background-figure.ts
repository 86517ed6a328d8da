import { AGGREGATIONS } from './figure.ts';
import type { FigureUnit, NamedFigure } from './named-figure.ts';

/**
 * Figures of one activity beside the load, as budgets and answers name them: `background.NAME.FIGURE`, such as
 * `background.checks.failed rate`. How they are read is in src/analysis/readings/background-figures.ts.
 */
const COUNTED = {
  'done count': { unit: 'count', best: 'most', words: 'the number of acts' },
  'done perSecond': { unit: 'perSecond', best: 'most', words: 'the rate of acts' },
  'failed count': { unit: 'count', best: 'least', words: 'the number of failed acts' },
  'failed rate': { unit: 'share', best: 'least', words: 'the share of acts that failed' },
  'skipped count': { unit: 'count', best: 'least', words: 'the number of skipped acts' },
  'skipped rate': { unit: 'share', best: 'least', words: 'the share of acts that were skipped' },
  'lost count': { unit: 'count', best: 'least', words: 'the number of lost connections' },
  'workers count': { unit: 'count', best: 'most', words: 'the number of launched workers' },
  'workers perSecond': { unit: 'perSecond', best: 'most', words: 'the rate of launched workers' },
} as const satisfies Record<string, NamedFigure>;

type LatencyName = `latency ${(typeof AGGREGATIONS)[number]}`;
export type BackgroundFigureName = keyof typeof COUNTED | LatencyName;

export const BACKGROUND_FIGURE_NAMES: readonly BackgroundFigureName[] = [
  ...(Object.keys(COUNTED) as (keyof typeof COUNTED)[]),
  ...AGGREGATIONS.map((aggregation): LatencyName => `latency ${aggregation}`),
];

/** A figure of the activity `activity`. `metric`: all of its name but the last word. */
export interface BackgroundFigure {
  kind: 'background';
  unit: FigureUnit;
  metric: string;
  activity: string;
  name: BackgroundFigureName;
}

const PREFIX = 'background.';
const SHAPE = /^background\.([A-Za-z][\w-]*)\.(\w+)$/;

/** Returns the figure, or what is wrong with its name; undefined if it is none of an activity. */
export function parseBackgroundFigure(
  metric: string,
  aggregation: string,
): BackgroundFigure | { fault: string } | undefined {
  if (!metric.startsWith(PREFIX)) return undefined;
  const [, activity, what] = SHAPE.exec(metric) ?? [];
  const name = BACKGROUND_FIGURE_NAMES.find((known) => known === `${what} ${aggregation}`);
  if (activity !== undefined && name !== undefined) {
    return { kind: 'background', unit: describeBackground(name).unit, metric, activity, name };
  }
  const ends = BACKGROUND_FIGURE_NAMES.join(', ');
  return {
    fault: `must be background.NAME. and one of ${ends}, as in background.checks.failed rate`,
  };
}

/** Returns the settings of a figure. */
export function describeBackground(name: BackgroundFigureName): NamedFigure {
  return isLatency(name)
    ? { unit: 'us', best: 'least', words: `${sayAggregation(name)} latency of acts` }
    : COUNTED[name];
}

/** Returns the figure's words for a sentence: `the share of acts that failed (background.checks)`. */
export function sayBackground({ activity, name }: BackgroundFigure): string {
  return `${describeBackground(name).words} (${PREFIX}${activity})`;
}

/** Returns the name as budgets write it. */
export function renderBackgroundFigure({ activity, name }: BackgroundFigure): string {
  return `${PREFIX}${activity}.${name}`;
}

function isLatency(name: BackgroundFigureName): name is LatencyName {
  return name.startsWith('latency ');
}

function sayAggregation(name: LatencyName): string {
  const aggregation = name.slice('latency '.length);
  return aggregation === 'max' ? 'the longest' : `${aggregation.replace(/[()]/g, '')} of the`;
}
