import { z } from 'zod';
import { duration } from './duration-field.ts';

/** The behaviour of clients after failures, and conditions that stop a run early. */

export const RETRY_POLICIES = ['none', 'immediate', 'fixed', 'exponential', 'full-jitter'] as const;

const SHARE = 'must be a share above 0 and up to 1 (0.05 for 5 %)';
const BACKOFF_BOUNDS = { atLeast: '0s', atMost: '1h' };

export const retrySchema = z
  .strictObject({
    policy: z
      .enum(RETRY_POLICIES)
      .describe(
        'What a client does after an attempt that failed or was abandoned. none: it gives up. immediate: it tries ' +
          'again at once, which floods a server that refuses at once. fixed: it tries again after base. ' +
          'exponential: it waits for base, and twice as long after each further failure, at most cap. full-jitter: ' +
          'it waits for a random time between 0 and the wait of exponential (the seed decides).',
      ),
    base: duration(BACKOFF_BOUNDS).default('100ms').describe('The wait before the first retry.'),
    cap: duration(BACKOFF_BOUNDS).default('10s').describe('The longest wait.'),
    maxAttempts: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10)
      .describe(
        'The highest number of attempts of a session, including the first. Then it gives up.',
      ),
    timeout: duration({ atLeast: '1ms', atMost: '10m' })
      .exactOptional()
      .describe(
        'How long each attempt, and each query, may take. It replaces connection.timeout and connect_timeout. ' +
          'Required unless policy is none.',
      ),
    goal: duration({ atLeast: '1ms', atMost: '1d' })
      .exactOptional()
      .describe('A session that is connected within this time counts towards the goodput.'),
  })
  .exactOptional()
  .describe(
    'With retry, each client that arrives (or each turn of a client in a closed loop) is a session: it tries again ' +
      'until it is connected, and it reconnects when the server cuts its connection.',
  );

export const stopSchema = z
  .strictObject({
    errorRate: z
      .number({ error: SHARE })
      .gt(0, { error: SHARE })
      .max(1, { error: SHARE })
      .exactOptional()
      .describe(
        'The run stops when more than this share (0.05 for 5 %) of the attempts that ended within window failed.',
      ),
    window: duration({ atLeast: '1s', atMost: '1h' })
      .default('10s')
      .describe('The time that errorRate looks back over, in whole seconds.'),
    minAttempts: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(20)
      .describe('errorRate is checked only if at least this many attempts ended within window.'),
    failedInARow: z
      .int()
      .min(1)
      .max(1_000_000)
      .exactOptional()
      .describe(
        'The run stops when this many attempts failed in a row and none was ok in between, over all workers.',
      ),
    maxOpen: z
      .int()
      .min(1)
      .max(1_000_000)
      .exactOptional()
      .describe(
        'The run stops when more connections than this are in flight or ready at the end of a second.',
      ),
    after: duration({ atLeast: '1s', atMost: '7d' })
      .exactOptional()
      .describe('The run stops after this time, even if the load has not ended.'),
  })
  .exactOptional()
  .describe(
    'Conditions that stop the run early, with exit code 108. They are checked once a second. If there are several ' +
      'variants or rounds, only the current one ends and the next one is run.',
  );

export type Retry = NonNullable<z.output<typeof retrySchema>>;
export type Stop = NonNullable<z.output<typeof stopSchema>>;
