import { formatCounted } from '../../counted.ts';
import type { Metric } from '../../model/measures.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import type { Tally } from '../figures/tally.ts';

/** What the server's own clock told, or what was reckoned from it. */
const BY_SERVER: ReadonlySet<Metric> = new Set<Metric>([
  'serverSetup',
  'serverFork',
  'serverAuth',
  'queueWait',
  'queueWaitEstimate',
]);

/**
 * Whether a metric tells of the target's own part in the connects. Where a backend was older than its connect, a pooler
 * hands on backends that it has: then those that are new tell of the pooler's connects, not of its clients'.
 */
export function isTold(metric: Metric, { serverTimes }: Pick<Tally, 'serverTimes'>): boolean {
  return serverTimes.older === 0 || !BY_SERVER.has(metric);
}

/** Why there are no server times, where the backends of a run disproved them; empty else. */
export function warnOfOldBackends({ serverTimes }: Pick<Tally, 'serverTimes'>): Reason[] {
  const { older } = serverTimes;
  if (older === 0) return [];
  const who =
    older === 1
      ? 'one backend was older than the connect that it served'
      : `${formatCounted(older, 'backend')} were older than the connects that they served`;
  const message =
    `${who}: a hidden pooler is in between. Server times and queue waits are therefore left out, ` +
    'and the slots shown are those of the server behind the pooler';
  return [{ code: 'OLD_BACKENDS', message }];
}
