import { formatCounted } from '../../counted.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { WatchSummary } from '../../result/records/summary-figures.ts';
import { formatCount, formatDuration, formatSpan } from '../text/format.ts';

/** What the kill switch saw: how the target was to others while it was stormed; nothing where it did not watch. */
export function describeWatch(
  watch: WatchSummary | undefined,
  { watch: limits }: Pick<HeaderRecord, 'watch'>,
): string[] {
  if (watch === undefined) return [];
  const { canary, witness } = watch;
  const failed = witness.failed === 0 ? '' : `, ${formatCount(witness.failed)} failed`;
  return [
    describeCanary(canary, tellLimit(limits?.canaryUs)),
    describeWitness(witness, failed, tellLimit(limits?.witnessUs)),
  ];
}

/** What is not known is left out: without an answer there is no mean of them. */
function describeCanary(
  { answered, meanUs, maxUs }: WatchSummary['canary'],
  limit: string,
): string {
  if (answered === 0 && maxUs === null)
    return 'kill switch: the canary had no turn, as the run was too short';
  if (answered === 0)
    return `kill switch: the canary had waited ${formatDuration(maxUs)} for its first answer when the run ended${limit}`;
  const mean = meanUs === null ? '' : `, ${formatDuration(meanUs)} in the mean`;
  const most = maxUs === null ? '' : `, ${formatDuration(maxUs)} at most`;
  return `kill switch: the canary had ${formatCounted(answered, 'answer')}${mean}${most}${limit}`;
}

function describeWitness(
  { connected, failed, maxUs }: WatchSummary['witness'],
  failures: string,
  limit: string,
): string {
  if (connected + failed === 0) {
    if (maxUs === null) return 'kill switch: the witness had no turn, as the run was too short';
    return `kill switch: the witness had waited ${formatDuration(maxUs)} for its first new connection when the run ended${limit}`;
  }
  const most = maxUs === null ? '' : `, ${formatDuration(maxUs)} at most`;
  return `kill switch: the witness made ${formatCounted(connected, 'new connection')}${failures}${most}${limit}`;
}

function tellLimit(us: number | undefined): string {
  return us === undefined ? '' : ` (limit ${formatSpan(us)})`;
}
