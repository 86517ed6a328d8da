import { formatCounted } from '../../counted.ts';
import type { Metric } from '../../model/measures.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import type { Tally } from '../figures/tally.ts';

/** Metrics that the server's own clock measured, or that were computed from it. */
const BY_SERVER: ReadonlySet<Metric> = new Set<Metric>([
  'serverSetup',
  'serverFork',
  'serverAuth',
  'queueWait',
  'queueWaitEstimate',
]);

/**
 * Returns whether a metric shows the target's own part in the connects. If a backend was older than its connect, a
 * pooler passed on a backend that it had. The times of new backends then belong to the pooler's connects, not to its
 * clients'.
 */
export function isTold(metric: Metric, { serverTimes }: Pick<Tally, 'serverTimes'>): boolean {
  return serverTimes.older === 0 || !BY_SERVER.has(metric);
}

/** Returns why there are no server times, if the backends' ages contradict them; else an empty list. */
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
