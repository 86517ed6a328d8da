import { parseDuration } from '../duration.ts';
import type { RETRY_POLICIES, Retry, Stop } from '../schema/session-schema.ts';
import { createRandom } from './random.ts';

export type RetryPolicy = (typeof RETRY_POLICIES)[number];

/** The plan for retries. Times are microseconds. */
export interface RetryPlan {
  policy: RetryPolicy;
  baseUs: number;
  capUs: number;
  /** The most attempts of a session, including the first; 1 under `none`. */
  maxAttempts: number;
  /** Limit for each attempt; undefined: the connection's limit. */
  timeoutUs: number | undefined;
  /** undefined: there is no goal, and so no goodput. */
  goalUs: number | undefined;
}

/** The conditions that stop a run before its end. One that is undefined never stops it. */
export interface StopPlan {
  errorRate: { above: number; windowUs: number; minAttempts: number } | undefined;
  failedInARow: number | undefined;
  maxOpen: number | undefined;
  afterUs: number | undefined;
}

export function planRetry(retry: Retry | undefined): RetryPlan | undefined {
  if (retry === undefined) return undefined;
  const { policy, base, cap, maxAttempts, timeout, goal } = retry;
  return {
    policy,
    baseUs: parseDuration(base),
    capUs: parseDuration(cap),
    maxAttempts: policy === 'none' ? 1 : maxAttempts,
    timeoutUs: timeout === undefined ? undefined : parseDuration(timeout),
    goalUs: goal === undefined ? undefined : parseDuration(goal),
  };
}

export function planStop(stop: Stop | undefined): StopPlan {
  const { errorRate, window, minAttempts, failedInARow, maxOpen, after } = stop ?? {};
  return {
    errorRate:
      errorRate === undefined || window === undefined || minAttempts === undefined
        ? undefined
        : { above: errorRate, windowUs: parseDuration(window), minAttempts },
    failedInARow,
    maxOpen,
    afterUs: after === undefined ? undefined : parseDuration(after),
  };
}

/**
 * Returns how long a session waits after its `failures`-th failure (from 1) until its next attempt, in whole
 * microseconds. With n = failures - 1, `exponential` is min(cap, base * 2^n); `full-jitter` is drawn evenly from 0 to
 * that, both included. Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog (2015),
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ The same seed, session and failure give the
 * same wait. Infinity under `none`.
 * @param session an unsigned 32-bit integer that tells sessions apart
 */
export function drawBackoffUs(
  {
    policy,
    baseUs,
    capUs,
    seed,
  }: Pick<RetryPlan, 'policy' | 'baseUs' | 'capUs'> & { seed: number },
  session: number,
  failures: number,
): number {
  switch (policy) {
    case 'none':
      return Number.POSITIVE_INFINITY;
    case 'immediate':
      return 0;
    case 'fixed':
      return baseUs;
    case 'exponential':
      return growUs(baseUs, capUs, failures);
    case 'full-jitter':
      return Math.floor(
        createRandom(mixSeeds(seed, session, failures))() * (growUs(baseUs, capUs, failures) + 1),
      );
  }
}

function growUs(baseUs: number, capUs: number, failures: number): number {
  return Math.min(capUs, baseUs * 2 ** Math.min(52, failures - 1));
}

/**
 * Mixes the seeds. Odd factors give neighbours different seeds. Holds use other factors; with the same ones, the same
 * draws would be repeated.
 */
function mixSeeds(seed: number, session: number, failures: number): number {
  return (seed ^ Math.imul(session + 1, 0xc2b2ae35) ^ Math.imul(failures, 0x27d4eb2f)) >>> 0;
}
