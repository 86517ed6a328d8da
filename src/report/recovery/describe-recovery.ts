import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import type {
  AllBack,
  NotMeasurable,
  Outage,
  Recovered,
  RecoverySummary,
  WastedForks,
} from '../../result/records/recovery.ts';
import { formatCount, formatDuration, formatNumber, formatSpan } from '../text/format.ts';

/** Codes of errors that one line names. */
const MOST_CODES = 6;

/** Returns a line for each figure of a disturbance. If a figure is not measurable, its line says why. */
export function describeRecovery(recovery: RecoverySummary): string[] {
  const { outage, servedAfterUs, recovered, allBack, wastedForks } = recovery;
  return [
    `outage: ${describeOutage(outage)}`,
    ...(servedAfterUs === undefined
      ? []
      : [`first client connected again: ${formatDuration(servedAfterUs)} after the restart began`]),
    `recovered: ${describeRecovered(recovered)}`,
    `cut sessions: ${describeAllBack(allBack)}`,
    `meanwhile, for ${formatSpan(recovery.untilUs - recovery.fromUs)}: ${describeMeanwhile(recovery)}`,
    `errors meanwhile: ${describeErrors(recovery)}`,
    `forks for clients that had left: ${describeForks(wastedForks)}`,
  ];
}

function describeOutage(outage: Outage): string {
  switch (outage.kind) {
    case 'seen': {
      const { us, resolutionUs, atLeast } = outage;
      const least = atLeast === true ? 'at least ' : '';
      const end = atLeast === true ? ', until the load ended' : '';
      return `${least}${formatDuration(us)} without a good connect${end} (before, one came every ${formatDuration(resolutionUs)})`;
    }
    case 'none-seen':
      return `none seen; the longest time without a good connect was ${formatDuration(outage.longestUs)} (an outage is ${formatDuration(outage.thresholdUs)} or longer)`;
    case 'not-measurable':
      return describeNotMeasurable(outage);
  }
}

function describeRecovered(recovered: Recovered): string {
  switch (recovered.kind) {
    case 'recovered':
      return `${formatDuration(recovered.afterUs)} after the disturbance began, exact to 1 s (p90 ${describeGoal(recovered)})`;
    case 'never-slow':
      return `no second was slow (p90 ${describeGoal(recovered)})`;
    case 'not-recovered':
      return `not within ${formatDuration(recovered.forUs)}, until the load ended (p90 never stayed ${describeGoal(recovered)} for 3 s)`;
    case 'not-measurable':
      return describeNotMeasurable(recovered);
  }
}

function describeGoal({ beforeP90Us }: { beforeP90Us: number }): string {
  return `within twice the earlier ${formatDuration(beforeP90Us)}`;
}

function describeAllBack(allBack: AllBack): string {
  switch (allBack.kind) {
    case 'none-cut':
      return 'none';
    case 'back':
      return allBack.sessions === 1
        ? `1, back ${formatDuration(allBack.afterUs)} after its cut`
        : `${formatCount(allBack.sessions)}, all back ${formatDuration(allBack.afterUs)} after the first cut`;
    case 'not-all-back':
      return `${formatCount(allBack.sessions)}, and ${formatCount(allBack.back)} of them came back`;
    case 'not-measurable':
      return describeNotMeasurable(allBack);
  }
}

function describeMeanwhile({ attempts, peakInFlight }: RecoverySummary): string {
  const { ended, ok, perSuccess } = attempts;
  const each =
    perSuccess === null
      ? 'none succeeded'
      : `${formatCount(ok)} ok, ${formatNumber(perSuccess)} for each success`;
  return `${formatCounted(ended, 'attempt')} ended, ${each}; at most ${formatCount(peakInFlight)} were seen in flight`;
}

function describeErrors({ errors }: RecoverySummary): string {
  if (errors.length === 0) return 'none';
  const byCode = new Map<string, number>();
  for (const { code, count } of errors) byCode.set(code, (byCode.get(code) ?? 0) + count);
  const sorted = [...byCode].sort(([, a], [, b]) => b - a);
  const shown = sorted
    .slice(0, MOST_CODES)
    .map(([code, count]) => `${formatCount(count)} ${escapeControls(code)}`);
  const others = sorted.slice(MOST_CODES).reduce((sum, [, count]) => sum + count, 0);
  return [...shown, ...(others === 0 ? [] : [`${formatCount(others)} others`])].join(', ');
}

function describeForks(forks: WastedForks): string {
  return forks.kind === 'counted' ? formatCount(forks.forks) : describeNotMeasurable(forks);
}

function describeNotMeasurable({ reason }: NotMeasurable): string {
  return `not measurable here: ${escapeControls(reason)}`;
}
