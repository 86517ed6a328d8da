import { nounOf } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import type { Plan } from './plan.ts';
import type { RetryPlan } from './retry.ts';

/** A client that waits less than this after its first failure does not back off: a refusal may take as long. */
const SHORTEST_WAIT_US = 10_000;

/**
 * Returns a sentence about retries that would flood the server; undefined if they would not. The waits of a policy are
 * exact, so nothing is added to them. A server that refuses at once, or lets clients in and cuts them, is then asked
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
  const wait = waitUs === 0 ? 'does not wait' : `waits only ${formatSpan(waitUs)}`;
  const load = [
    ...(peakRatePerSecond === null ? [] : [describeArrivals(peakRatePerSecond, maxAttempts)]),
    ...(clientCount === null
      ? []
      : [
          `each of ${clientCount} ${nounOf(clientCount, 'client')} tries ${maxAttempts} times in a row`,
        ]),
  ];
  return (
    `retry policy ${policy} ${wait} before the next attempt. If the server refuses at once, ${load.join(' and ')}, ` +
    'as fast as this machine can; if it lets clients in and cuts them, they reconnect without end. ' +
    'full-jitter with a base of 100ms avoids this'
  );
}

/** Returns the mean wait after the first failure, in microseconds. */
function firstWaitUs({ policy, baseUs, capUs }: RetryPlan): number {
  if (policy === 'immediate') return 0;
  if (policy === 'fixed') return baseUs;
  const wholeUs = Math.min(baseUs, capUs);
  return policy === 'full-jitter' ? wholeUs / 2 : wholeUs;
}

function describeArrivals(ratePerSecond: number, maxAttempts: number): string {
  if (ratePerSecond === Number.POSITIVE_INFINITY)
    return `each client of the herd tries ${maxAttempts} times in a row`;
  return `${Math.round(ratePerSecond)} arrivals/s make up to ${Math.round(ratePerSecond * maxAttempts)} attempts/s`;
}
