import type { BackgroundSummary } from '../../result/records/background.ts';
import type { BackgroundFigure, BackgroundFigureName } from '../../scenario/background-figure.ts';
import { AGGREGATIONS, type Aggregation } from '../../scenario/figure.ts';
import { perSecond } from '../figures/per-second.ts';
import { QUANTILES } from '../figures/quantiles.ts';
import { exactly, type JudgedRun, type Reading } from './reading.ts';

/** Returns a figure of an activity beside the load; null if the activity did not run, or has no such figure. */
export function readBackground(
  { activity, name }: BackgroundFigure,
  { background = [] }: Pick<JudgedRun['summary'], 'background'>,
): Reading {
  const found = background.find((summary) => summary.name === activity);
  return found === undefined ? null : readOf(name, found);
}

function readOf(name: BackgroundFigureName, summary: BackgroundSummary): Reading {
  const { acts, actingUs, kept, workers } = summary;
  const aggregation = AGGREGATIONS.find((known) => name === `latency ${known}`);
  if (aggregation !== undefined) return readLatency(aggregation, summary);
  switch (name) {
    case 'done count':
      return ofActs(acts.done, summary);
    case 'done perSecond':
      return exactly(actingUs === 0 ? null : perSecond(acts.done, actingUs), acts.due);
    case 'failed count':
      return ofActs(acts.failed, summary);
    case 'failed rate':
      return toShare(ofActs(acts.failed, summary), acts.due);
    case 'skipped count':
      return exactly(acts.due === 0 ? null : acts.skipped, acts.due);
    case 'skipped rate':
      return exactly(acts.due === 0 ? null : acts.skipped / acts.due, acts.due);
    case 'lost count':
      return exactly(kept?.lost);
    case 'workers count':
      return exactly(workers?.launched, acts.done);
    case 'workers perSecond':
      return exactly(
        workers === undefined || actingUs === 0 ? null : perSecond(workers.launched, actingUs),
        acts.done,
      );
    default:
      return null;
  }
}

/** Returns a count. Acts that were cancelled, or were under way when the file was cut off, might have raised it. */
function ofActs(count: number, { acts, inFlight }: BackgroundSummary): Reading {
  if (acts.due === 0) return null;
  const unknown = acts.cancelled + inFlight;
  const told = { low: count, high: count + unknown, of: acts.due };
  return unknown === 0
    ? told
    : { ...told, reason: `it is not known how ${unknown} of ${acts.due} acts would have ended` };
}

function toShare(reading: Reading, of: number): Reading {
  return reading && { ...reading, low: reading.low / of, high: reading.high / of };
}

/** Acts without a latency rank behind those with one. */
function readLatency(aggregation: Aggregation, { latency, acts }: BackgroundSummary): Reading {
  const { field } = QUANTILES[aggregation];
  const us = latency?.[field] ?? null;
  if (latency === undefined || us === null) return null;
  if (latency.atLeast?.includes(field) !== true) return { low: us, high: us, of: acts.due };
  const reason = `${acts.due - latency.count} of ${acts.due} acts have no latency; they rank behind all others`;
  return { low: us, high: Infinity, of: acts.due, reason };
}
