import { nounOf } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import type { Plan } from './plan.ts';
import type { RetryPlan } from './retry.ts';

/** A client that waits less than this after its first failure does not back off: a refusal may take as long. */
const SHORTEST_WAIT_US = 10_000;

/**
 * Retries that a server could not slow down, in a sentence; undefined where there are none. The waits of a policy are a
 * promise, so nothing is added to them: a server that refuses at once, or lets clients in and cuts them, is then asked
 * again as fast as this machine can.
 */
export function findFloodWarning({
  retry,
  peakRatePerSecond,
  clientCount,
}: Plan): string | undefined {
  if (retry === undefined || retry.policy === 'none') return undefined;
  const waitUs = firstWaitUs(retry);
  if (waitUs >= SHORTEST_WAIT_US) return undefined;
  const { policy, maxAttempts } = retry;
  const wait = waitUs === 0 ? 'nothing' : formatSpan(waitUs);
  const load = [
    ...(peakRatePerSecond === null ? [] : [tellArrivals(peakRatePerSecond, maxAttempts)]),
    ...(clientCount === null
      ? []
      : [`each of ${clientCount} ${nounOf(clientCount, 'client')} ${maxAttempts} times in a row`]),
  ];
  return (
    `retry ${policy} waits for ${wait} before it tries again: a server that refuses at once is asked as fast as this ` +
    `machine can, ${load.join(' and ')}, and one that lets clients in and cuts them is asked on and on; full-jitter ` +
    'with a base of 100ms does not flood'
  );
}

/** In the mean. */
function firstWaitUs({ policy, baseUs, capUs }: RetryPlan): number {
  if (policy === 'immediate') return 0;
  if (policy === 'fixed') return baseUs;
  const wholeUs = Math.min(baseUs, capUs);
  return policy === 'full-jitter' ? wholeUs / 2 : wholeUs;
}

function tellArrivals(ratePerSecond: number, maxAttempts: number): string {
  if (ratePerSecond === Number.POSITIVE_INFINITY)
    return `each of the herd ${maxAttempts} times in a row`;
  return `up to ${Math.round(ratePerSecond * maxAttempts)}/s at ${Math.round(ratePerSecond)} arrivals/s`;
}
