import { parseDuration } from '../duration.ts';
import type { RETRY_POLICIES, Retry, Stop } from '../schema/session-schema.ts';
import { createRandom } from './random.ts';

export type RetryPolicy = (typeof RETRY_POLICIES)[number];

/** How sessions try again. Microseconds. */
export interface RetryPlan {
  policy: RetryPolicy;
  baseUs: number;
  capUs: number;
  /** Of a session, the first included; 1 under `none`. */
  maxAttempts: number;
  /** For each attempt; undefined: as the connection's. */
  timeoutUs: number | undefined;
  /** undefined: there is none, and no goodput. */
  goalUs: number | undefined;
}

/** When a run stops before its end; undefined: not for this reason. */
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
 * How long a session waits after its `failures`-th failure (from 1) until its next attempt, in whole microseconds:
 * with n = failures - 1, `exponential` min(cap, base * 2^n), `full-jitter` a time drawn evenly from 0 to that, both
 * included. Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog (2015),
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * The same for the same seed, session and failure. Infinity under `none`.
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

/** Odd factors keep neighbours apart; other ones than those of holds, or the same draws would come again. */
function mixSeeds(seed: number, session: number, failures: number): number {
  return (seed ^ Math.imul(session + 1, 0xc2b2ae35) ^ Math.imul(failures, 0x27d4eb2f)) >>> 0;
}
