import { z } from 'zod';
import { describeDurationError, duration } from './duration-field.ts';

/** The schema of a load of one block or several. Its executors decide when attempts begin. */

/** Arrivals per timeUnit. The limit per second is checked with the schedule. */
const MAX_RATE = 1_000_000_000;
const MAX_CAP = 1_000_000;
const MAX_CLIENTS = 100_000;
const LONGEST = { atLeast: '1ms', atMost: '7d' };

function cap() {
  return z.int().min(1).max(MAX_CAP).exactOptional();
}

/** Fields of every block. */
const caps = {
  maxInFlight: cap().describe(
    'The highest number of attempts of the block that may be in flight, over all workers. When it is reached, ' +
      'an arrival is dropped and counted, and a client of a closed loop waits. With retry, sessions that wait ' +
      'for their next attempt count too. Default: the free slots of the server minus a reserve, for all blocks ' +
      'together; 500 if the target shows no limit.',
  ),
  maxOpen: cap().describe(
    'The highest number of connections of the block, in flight or ready, over all workers. When it is ' +
      'reached, arrivals are dropped and clients wait, as with maxInFlight.',
  ),
  gracefulStop: duration({ atLeast: '0s', atMost: '1h' })
    .default('30s')
    .describe(
      'How long connstorm waits for attempts in flight after the end of the block or a stop.',
    ),
};

/** Fields of every block whose time is planned beforehand. */
const limits = {
  startTime: duration({ atLeast: '0s', atMost: '7d' })
    .default('0s')
    .describe('When the block begins, counted from the start of the run.'),
  ...caps,
};

const timeUnit = duration({ atLeast: '1ms', atMost: '1d' })
  .default('1s')
  .describe('The time that rates refer to: a rate of 90 with a timeUnit of 1m is 1.5 per second.');
const arrivals = z
  .enum(['uniform', 'poisson'])
  .default('uniform')
  .describe('How arrivals are spaced: evenly, or at random as independent clients would be.');

const constantArrivalRate = z
  .strictObject({
    executor: z.literal('constant-arrival-rate').describe('Arrivals at one rate.'),
    rate: z.number().gt(0).max(MAX_RATE).describe('Arrivals per timeUnit; may be fractional.'),
    duration: duration(LONGEST).describe('How long the load lasts.'),
    timeUnit,
    arrivals,
    ...limits,
  })
  .describe('Arrivals at one rate for a duration, whether or not earlier ones have been served.');

const rateStage = z.strictObject({
  duration: duration({ atLeast: '0s', atMost: '7d' }).describe('Time to the target; 0s: a jump.'),
  target: z
    .number()
    .min(0)
    .max(MAX_RATE)
    .describe('Arrivals per timeUnit at the end of the stage.'),
});

const rampingArrivalRate = z
  .strictObject({
    executor: z.literal('ramping-arrival-rate').describe('Arrivals at a changing rate.'),
    startRate: z
      .number()
      .min(0)
      .max(MAX_RATE)
      .default(0)
      .describe('Arrivals per timeUnit at the beginning.'),
    stages: z
      .array(rateStage)
      .min(1)
      .max(100)
      .describe('The rate changes linearly from stage to stage, as in k6.'),
    timeUnit,
    arrivals,
    ...limits,
  })
  .describe('Arrivals at a rate that changes linearly through stages.');

const burst = z
  .strictObject({
    executor: z.literal('burst').describe('Many clients at once, or within a window.'),
    clients: z.int().min(1).max(MAX_CAP).describe('How many clients come.'),
    window: duration({ atLeast: '0s', atMost: '1d' })
      .default('0s')
      .describe('The time within which all clients come; 0s means all at once.'),
    spread: z
      .enum(['uniform', 'random'])
      .default('uniform')
      .describe(
        'How the clients are spread over the window: evenly, or each at a random moment (the seed decides).',
      ),
    duration: duration(LONGEST)
      .exactOptional()
      .describe(
        'How long the block lasts, at least as long as the window; connections that are held are kept until then. ' +
          'Default: the block ends when the last client is connected or has failed.',
      ),
    ...limits,
  })
  .describe('A herd: a number of clients that all come within one short window, once.');

const THINK_BOUNDS = { atLeast: '0s', atMost: '1d' };
const think = z
  .union(
    [
      duration(THINK_BOUNDS),
      z.strictObject({
        min: duration(THINK_BOUNDS).describe('The shortest think time.'),
        max: duration(THINK_BOUNDS).describe('The longest think time.'),
      }),
    ],
    {
      error: ({ input }) =>
        typeof input === 'number'
          ? describeDurationError(input, THINK_BOUNDS)
          : 'must be a duration such as 500ms, or a map of min and max',
    },
  )
  .default('0s')
  .describe(
    'How long a client waits between the end of one connection, or of a failed attempt, and its next attempt: a ' +
      'duration, or { min, max }, drawn at random between the two (the seed decides). After a failed attempt the ' +
      'next one begins at least 100 ms after the start of the failed one, so that clients that are refused at once ' +
      'do not flood the server.',
  );

const constantClients = z
  .strictObject({
    executor: z.literal('constant-clients').describe('A number of clients, each in a loop.'),
    clients: z.int().min(1).max(MAX_CLIENTS).describe('The number of clients, as vus in k6.'),
    duration: duration(LONGEST).describe('How long the load lasts.'),
    think,
    ...limits,
  })
  .describe(
    'A closed loop: each client connects, uses the connection, closes it, thinks, and connects again.',
  );

const clientStage = z.strictObject({
  duration: duration({ atLeast: '0s', atMost: '7d' }).describe(
    'How long the number of clients takes to reach the target; 0s is a jump.',
  ),
  target: z.int().min(0).max(MAX_CLIENTS).describe('Clients at the end of the stage.'),
});

const rampingClients = z
  .strictObject({
    executor: z.literal('ramping-clients').describe('A changing number of clients in a loop.'),
    startClients: z
      .int()
      .min(0)
      .max(MAX_CLIENTS)
      .default(0)
      .describe('Clients at the beginning, as startVUs in k6.'),
    stages: z
      .array(clientStage)
      .min(1)
      .max(100)
      .describe(
        'The number of clients changes linearly from stage to stage. A client that is no longer needed ends after ' +
          'its current connection.',
      ),
    think,
    ...limits,
  })
  .describe('A closed loop whose number of clients changes linearly through stages.');

const PER_SECOND = z.number().gt(0).max(1_000_000);

const saturationSearch = z
  .strictObject({
    executor: z
      .literal('saturation-search')
      .describe('Rates that the search chooses, until it knows what the target sustains.'),
    startRate: PER_SECOND.exactOptional().describe(
      'Arrivals per second of the first step. Default: 0.6 times the rate that a short closed loop before it ' +
        '(the taste) achieves.',
    ),
    growth: z
      .number()
      .min(1.05)
      .max(4)
      .default(1.25)
      .describe(
        'How much faster each step is than the one before, until two steps at the same rate are not sustained.',
      ),
    stepDuration: duration({ atLeast: '2s', atMost: '10m' })
      .default('4s')
      .describe(
        'How long a step at one rate lasts. Between two steps connstorm waits until nothing is in flight.',
      ),
    maxRate: PER_SECOND.exactOptional().describe(
      'The highest rate that is tried, in arrivals per second. If it is sustained, the answer is not-reached.',
    ),
    tolerance: z
      .number()
      .min(0.03)
      .max(0.5)
      .default(0.05)
      .describe(
        "The distance between neighbouring rates near the capacity, as a share of the lower one. The answer's " +
          'interval is wider; how much wider depends on how much trials differ.',
      ),
    trials: z
      .int()
      .min(1)
      .max(9)
      .default(5)
      .describe(
        'The highest number of trials of one rate near the capacity. The majority of them decides.',
      ),
    latencyGoal: duration({ atLeast: '1ms', atMost: '10m' })
      .exactOptional()
      .describe(
        'The highest p99 of latency that is acceptable. The report then has a second answer: the highest ' +
          'sustained rate at which p99 stayed below this.',
      ),
    maxDuration: duration({ atLeast: '10s', atMost: '1d' })
      .default('2m')
      .describe(
        'The longest time of the search. It begins no step that would not end in time, and answers with ' +
          'what it knows.',
      ),
    arrivals,
    ...caps,
  })
  .describe(
    'Looks for the highest rate that is sustained. The rate grows until two steps at the same rate are not ' +
      'sustained. Then come trials around that rate, and a confirmation. A saturation-search must be the only block ' +
      'of the load.',
  );

/** A block of load. */
export const blockSchema = z
  .discriminatedUnion('executor', [
    constantArrivalRate,
    rampingArrivalRate,
    burst,
    constantClients,
    rampingClients,
    saturationSearch,
  ])
  .describe('When attempts to connect begin.');

const blockName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, {
  error: 'is not a name of a block: letters, digits, _ and -, a letter first',
});

const namedBlocks = z
  .record(blockName, blockSchema)
  .refine((blocks) => Object.keys(blocks).length > 0, { error: 'must have a block', abort: true })
  .describe('Blocks by name, all on the same connection section.');

export const loadSchema = z
  .union([blockSchema, namedBlocks])
  .describe(
    'When attempts to connect begin: one block, or a map of named blocks that run together.',
  );

export type LoadBlock = z.output<typeof blockSchema>;
export type Load = z.output<typeof loadSchema>;

/** Returns whether data of any shape is a map of blocks: it has fields, all of them maps, and no `executor`. */
export function isBlockMap(data: unknown): data is Record<string, unknown> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const values: unknown[] = Object.values(data);
  const areMaps = values.every((it) => typeof it === 'object' && it !== null && !Array.isArray(it));
  return !('executor' in data) && values.length > 0 && areMaps;
}

/** A block with its place in the scenario. */
export interface NamedBlock<T> {
  /** `load`, if the load is a single block. */
  name: string;
  path: string[];
  block: T;
}

/** Returns the blocks of a load, in the file's order. */
export function listBlocks<T>(load: T | Record<string, T>): NamedBlock<T>[] {
  if (!isBlockMap(load)) return [{ name: 'load', path: ['load'], block: load as T }];
  return Object.entries(load as Record<string, T>).map(([name, block]) => ({
    name,
    path: ['load', name],
    block,
  }));
}
