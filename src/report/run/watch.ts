import { formatCounted } from '../../counted.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { WatchSummary } from '../../result/records/summary-figures.ts';
import { formatDuration, formatSpan } from '../text/format.ts';

/** Returns what the kill switch saw of other clients during the storm; an empty list if it did not watch. */
export function describeWatch(
  watch: WatchSummary | undefined,
  { watch: limits }: Pick<HeaderRecord, 'watch'>,
): string[] {
  if (watch === undefined) return [];
  return [
    describeCanary(watch.canary, listLimit(limits?.canaryUs)),
    describeWitness(watch.witness, listLimit(limits?.witnessUs)),
  ];
}

/** Figures that are not known are left out: without an answer there is no mean. */
function describeCanary(
  { answered, meanUs, maxUs }: WatchSummary['canary'],
  limit: string[],
): string {
  if (answered === 0 && maxUs === null)
    return 'kill switch: the run was too short for a query of the canary';
  if (answered === 0)
    return `kill switch: the canary had waited ${formatDuration(maxUs)} for its first answer when the run ended${inBrackets(limit)}`;
  const mean = meanUs === null ? [] : [`mean ${formatDuration(meanUs)}`];
  const answers = formatCounted(answered, 'answer');
  return `kill switch: the canary got ${answers}${inBrackets([...mean, ...listLongest(maxUs), ...limit])}`;
}

function describeWitness(
  { connected, failed, maxUs }: WatchSummary['witness'],
  limit: string[],
): string {
  if (connected + failed === 0) {
    if (maxUs === null)
      return 'kill switch: the run was too short for a new connection of the witness';
    return `kill switch: the witness had waited ${formatDuration(maxUs)} for its first new connection when the run ended${inBrackets(limit)}`;
  }
  const opened = formatCounted(connected, 'new connection');
  const failures = failed === 0 ? '' : `, and ${formatCounted(failed, 'attempt')} failed`;
  return `kill switch: the witness opened ${opened}${failures}${inBrackets([...listLongest(maxUs), ...limit])}`;
}

function listLongest(us: number | null): string[] {
  return us === null ? [] : [`longest ${formatDuration(us)}`];
}

function listLimit(us: number | undefined): string[] {
  return us === undefined ? [] : [`limit ${formatSpan(us)}`];
}

function inBrackets(parts: readonly string[]): string {
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
