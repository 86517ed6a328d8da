import { expect } from 'vitest';
import { ABSENT, type Attempt } from '../../src/drivers/driver.ts';
import type { AttemptStory } from './synthetic/open-attempt.ts';

/** The pieces of an attempt up to ReadyForQuery, in microseconds; those that were not reached are left out. */
export function readPhases({
  startUs,
  establishedUs,
  spawnedUs,
  encryptedUs,
  authenticatedUs,
  readyUs,
}: Attempt): Record<string, number> {
  const stamps = {
    tcp: establishedUs,
    spawn: spawnedUs,
    tls: encryptedUs,
    auth: authenticatedUs,
    ready: readyUs,
  };
  const phases: Record<string, number> = {};
  let sinceUs = startUs;
  for (const [name, untilUs] of Object.entries(stamps)) {
    if (untilUs === ABSENT) continue;
    phases[name] = untilUs - sinceUs;
    sinceUs = untilUs;
  }
  return phases;
}

/** What a server waits in one place, in milliseconds, for `expectDelayIn`. */
export const DELAY_MS = 150;
const MOST_TRIES = 10;

/**
 * Opens attempts, whose phases `open` gives, at a server that waits `DELAY_MS` in one place, until one has the wait in `phase` and less than 100 ms in
 * every other; fails when none of ten has. A busy machine holds up some attempts; a wait that is in the wrong phase is there in all.
 */
export async function expectDelayIn(
  phase: string,
  open: () => Promise<Record<string, number>>,
): Promise<void> {
  const seen: Record<string, number>[] = [];
  for (let left = MOST_TRIES; left > 0; left--) {
    const phases = await open();
    seen.push(phases);
    const { [phase]: delayedUs = 0, ...others } = phases;
    const longestUs = Math.max(...Object.values(others));
    if (delayedUs >= 1000 * (DELAY_MS - 1) && longestUs < 100_000) return;
  }
  expect.fail(`no attempt has ${DELAY_MS} ms in ${phase} alone: ${JSON.stringify(seen)}`);
}

/** Each four times the one before: where the machine is too busy for the first, a later one is long enough. */
const TIMEOUTS_US = [100_000, 400_000, 1_600_000, 6_400_000];

/**
 * Opens attempts at a server that stops answering in `phase`, with longer and longer timeouts until one gets as far as that;
 * each must end as a timeout, and not before its time. Resolves with the last, whose phase the caller checks.
 */
export async function timeOut(
  phase: string,
  open: (timeoutUs: number) => Promise<AttemptStory>,
): Promise<AttemptStory> {
  let story: AttemptStory | undefined;
  for (const timeoutUs of TIMEOUTS_US) {
    story = await open(timeoutUs);
    const failure = story.failure ?? story.connectionFailure;
    expect(failure).toMatchObject({ layer: 'timeout', code: 'TIMEOUT' });
    // Node counts timers in whole milliseconds of the loop's time, and may be less than one early.
    if (story.failure !== undefined) {
      expect(story.endUs - story.attempt.startUs).toBeGreaterThan(timeoutUs - 1_000);
    }
    if (failure?.phase === phase) return story;
  }
  return story as AttemptStory;
}
