import type { Metric } from '../../model/measures.ts';
import type { Tally } from './tally.ts';

/** The counter that each histogram's count must equal. */
const COUNTER_OF = {
  latency: ({ counts, closed }) => counts.ok - closed.counts.ok,
  firstQueryServiceTime: countFirstQueries,
  // Both are recorded together.
  usableServiceTime: (tally) => tally.histogram('usable').count,
  serviceTime: ({ counts }) => counts.ok,
  // One value for every arrival, dropped ones too, and for every further attempt of a session.
  // A try at a connect's next host has none: it starts when the try before it has failed.
  lateness: ({ counts, closed, passedOn }) =>
    counts.dropped + counts.started - closed.counts.started - (passedOn - closed.passedOn),
  failedLatency: ({ counts }) => counts.failed,
  censoredLatency: (tally) => countCensored(tally) - countCensored(tally.closed),
  censoredServiceTime: countCensored,
  close: countSeenCloses,
  serverSetup: ({ serverTimes }) => serverTimes.told,
  serverFork: ({ serverTimes }) => serverTimes.told,
  serverAuth: ({ serverTimes }) => serverTimes.told,
  queueWait: ({ serverTimes }) => serverTimes.told,
  queueWaitEstimate: ({ serverTimes }) => serverTimes.sampled,
  sessionLatency: ({ sessions }) => sessions.connected,
  censoredSessionLatency: ({ sessions }) => sessions.gaveUp + sessions.cancelled,
} satisfies Partial<Record<Metric, (tally: Tally) => number>>;

/** Counts attempts that connstorm stopped waiting for. */
function countCensored({ counts, timedOut }: Pick<Tally, 'counts' | 'timedOut'>): number {
  return timedOut + counts.abandoned + counts.cancelled;
}

/** Counts the first queries. Both histograms are recorded together, but an older file has only one of them. */
function countFirstQueries(tally: Tally): number {
  const hasBoth = tally.histogram('firstQueryServiceTime').count > 0;
  return hasBoth ? tally.histogram('firstQuery').count : 0;
}

/**
 * Counts the closes that were seen. If connstorm waits for the server's FIN, every closed connection has a value, seen
 * or censored. Otherwise none has.
 */
function countSeenCloses(tally: Tally): number {
  const seen = tally.histogram('close').count;
  const unseen = tally.histogram('censoredClose').count;
  return seen + unseen === 0 ? 0 : tally.connections.closed - unseen;
}

/**
 * Returns a sentence for each histogram whose count differs from its counter, and for each counter that is impossible.
 */
export function checkHistograms(tally: Tally): string[] {
  return [...checkCounts(tally), ...checkServerTimes(tally)];
}

function checkServerTimes({ serverTimes, counts }: Tally): string[] {
  const { told, sampled } = serverTimes;
  return Object.entries({ told, sampled }).flatMap(([name, count]) =>
    count <= counts.ok ? [] : [`${name} ${count} is more than ok ${counts.ok}`],
  );
}

function checkCounts(tally: Tally): string[] {
  const metrics = Object.keys(COUNTER_OF) as (keyof typeof COUNTER_OF)[];
  return metrics.flatMap((metric) => {
    const { count } = tally.histogram(metric);
    const expected = COUNTER_OF[metric](tally);
    return count === expected ? [] : [`${metric} has ${count} values, not ${expected}`];
  });
}
