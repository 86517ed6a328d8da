import { z } from 'zod';
import { duration } from './duration-field.ts';

/** How clients behave when it does not work, and when the run gives up. */

export const RETRY_POLICIES = ['none', 'immediate', 'fixed', 'exponential', 'full-jitter'] as const;

const SHARE = 'must be a share above 0 and up to 1 (0.05 for 5 %)';
const BACKOFF_BOUNDS = { atLeast: '0s', atMost: '1h' };

export const retrySchema = z
  .strictObject({
    policy: z
      .enum(RETRY_POLICIES)
      .describe(
        'What a client does whose attempt failed or was abandoned. none: it gives up. immediate: it tries again at ' +
          'once, and floods a server that refuses at once. fixed: after base. exponential: after base, doubled with every failure, at most cap. full-jitter: ' +
          'after a time drawn evenly between 0 and what exponential would wait, by the seed.',
      ),
    base: duration(BACKOFF_BOUNDS).default('100ms').describe('The wait before the first retry.'),
    cap: duration(BACKOFF_BOUNDS).default('10s').describe('The longest wait.'),
    maxAttempts: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10)
      .describe('Attempts of a session, the first included; then it gives up.'),
    timeout: duration({ atLeast: '1ms', atMost: '10m' })
      .exactOptional()
      .describe(
        'For each attempt (and query), instead of connection.timeout and connect_timeout; needed with every policy ' +
          'but none.',
      ),
    goal: duration({ atLeast: '1ms', atMost: '1d' })
      .exactOptional()
      .describe('A session that is connected within it counts towards the goodput.'),
  })
  .exactOptional()
  .describe(
    'Makes every arrival, and every cycle of a closed loop, a session that retries, and that reconnects when the ' +
      'server cuts its connection.',
  );

export const stopSchema = z
  .strictObject({
    errorRate: z
      .number({ error: SHARE })
      .gt(0, { error: SHARE })
      .max(1, { error: SHARE })
      .exactOptional()
      .describe(
        'Stops when more than this share (0.05 for 5 %) of the attempts that ended within window failed.',
      ),
    window: duration({ atLeast: '1s', atMost: '1h' })
      .default('10s')
      .describe('The time that errorRate looks back over, in whole seconds.'),
    minAttempts: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(20)
      .describe('errorRate is judged from so many attempts in the window on.'),
    failedInARow: z
      .int()
      .min(1)
      .max(1_000_000)
      .exactOptional()
      .describe(
        'Stops when so many attempts failed and none was ok in between, all workers together.',
      ),
    maxOpen: z
      .int()
      .min(1)
      .max(1_000_000)
      .exactOptional()
      .describe(
        'Stops when at the end of a second more connections than this are in flight or ready.',
      ),
    after: duration({ atLeast: '1s', atMost: '7d' })
      .exactOptional()
      .describe('Stops after so long, whatever the load has left to do.'),
  })
  .exactOptional()
  .describe(
    'When the run stops before its end, with exit code 108. Judged once a second. Of several variants or rounds it ends the ' +
      'one that goes on; the next is run.',
  );

export type Retry = NonNullable<z.output<typeof retrySchema>>;
export type Stop = NonNullable<z.output<typeof stopSchema>>;
