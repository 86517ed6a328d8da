import { z } from 'zod';
import { describeDurationError, duration } from './duration-field.ts';

/** When attempts to connect begin: the executors of a load block, and a load of one block or several named ones. */

/** Arrivals per timeUnit; the limit per second is checked with the schedule. */
const MAX_RATE = 1_000_000_000;
const MAX_CAP = 1_000_000;
const MAX_CLIENTS = 100_000;
const LONGEST = { atLeast: '1ms', atMost: '7d' };

function cap() {
  return z.int().min(1).max(MAX_CAP).exactOptional();
}

/** Every block has these. */
const caps = {
  maxInFlight: cap().describe(
    'The most attempts of the block not yet ready, all workers together; an arrival beyond it is dropped and ' +
      'counted, a client of a closed loop waits. With retry, sessions that wait for their next attempt count too. ' +
      "Without it: the server's free slots, less a reserve, for all blocks together.",
  ),
  maxOpen: cap().describe(
    'The most connections of the block, in flight or ready, all workers together; beyond it as with maxInFlight.',
  ),
  gracefulStop: duration({ atLeast: '0s', atMost: '1h' })
    .default('30s')
    .describe('How long attempts in flight may still end after the end of the block or a stop.'),
};

/** Every block whose time is planned beforehand has these. */
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
    duration: duration(LONGEST).describe('How long arrivals come.'),
    timeUnit,
    arrivals,
    ...limits,
  })
  .describe('Arrivals at one rate for a duration, whether or not earlier ones have been served.');

const rateStage = z.strictObject({
  duration: duration({ atLeast: '0s', atMost: '7d' }).describe(
    'How long the rate takes to reach the target; 0s is a jump.',
  ),
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
      .describe('The time within which they come; 0s is all at once.'),
    spread: z
      .enum(['uniform', 'random'])
      .default('uniform')
      .describe(
        'How they are spread over the window: evenly, or each at a random moment by the seed.',
      ),
    duration: duration(LONGEST)
      .exactOptional()
      .describe(
        'How long the block lasts, no less than the window: connections that are held are kept until then. ' +
          'Without it the block is over when the last of them has ended connecting.',
      ),
    ...limits,
  })
  .describe('The herd: so many clients within a window, once.');

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
    'How long a client waits between the end of one connection, or of a failed attempt, and the next attempt: a ' +
      'duration, or { min, max }, drawn evenly between the two by the seed. After a failed attempt no less than 100 ms ' +
      'from its start, or clients that are refused at once would flood.',
  );

const constantClients = z
  .strictObject({
    executor: z.literal('constant-clients').describe('So many clients, each in a loop.'),
    clients: z.int().min(1).max(MAX_CLIENTS).describe('How many clients, as vus in k6.'),
    duration: duration(LONGEST).describe('How long they go on.'),
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
        'The number of clients changes linearly from stage to stage; one too many ends after its current connection.',
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
      'Arrivals per second of the first step; without it 0.6 of what clients in a closed loop get in a short taste.',
    ),
    growth: z
      .number()
      .min(1.05)
      .max(4)
      .default(1.25)
      .describe(
        'How much faster each step is than the one before, until one is not sustained twice.',
      ),
    stepDuration: duration({ atLeast: '2s', atMost: '10m' })
      .default('4s')
      .describe(
        'How long arrivals come at each rate; between two steps the target is left to drain.',
      ),
    maxRate: PER_SECOND.exactOptional().describe(
      'Arrivals per second that are not exceeded; what is sustained there is answered as not-reached.',
    ),
    tolerance: z
      .number()
      .min(0.03)
      .max(0.5)
      .default(0.05)
      .describe(
        'How close together the rates around the knee are tried, as a share of the lower one. The answer is wider by what trials differ.',
      ),
    trials: z
      .int()
      .min(1)
      .max(9)
      .default(5)
      .describe('Of so many trials a majority decides on a rate near the knee.'),
    latencyGoal: duration({ atLeast: '1ms', atMost: '10m' })
      .exactOptional()
      .describe(
        'p99 of latency that is still good: a second answer is the capacity that keeps it.',
      ),
    maxDuration: duration({ atLeast: '10s', atMost: '1d' })
      .default('2m')
      .describe(
        'When the search ends with what it knows by then; a step under way is ended first.',
      ),
    arrivals,
    ...caps,
  })
  .describe(
    'Looks for the highest rate that is sustained: rates that grow until one is not, twice, then trials around it, ' +
      'then a confirmation. The whole load, with no block beside it.',
  );

/** One block. */
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

/** Whether data of any shape is meant as a map of blocks: one block has an `executor`, and other fields than maps. */
export function isBlockMap(data: unknown): data is Record<string, unknown> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const values: unknown[] = Object.values(data);
  const areMaps = values.every((it) => typeof it === 'object' && it !== null && !Array.isArray(it));
  return !('executor' in data) && values.length > 0 && areMaps;
}

/** A block with its place in the scenario. */
export interface NamedBlock<T> {
  /** Of a load of one block: `load`. */
  name: string;
  path: string[];
  block: T;
}

/** The blocks of a load, in the file's order. */
export function listBlocks<T>(load: T | Record<string, T>): NamedBlock<T>[] {
  if (!isBlockMap(load)) return [{ name: 'load', path: ['load'], block: load as T }];
  return Object.entries(load as Record<string, T>).map(([name, block]) => ({
    name,
    path: ['load', name],
    block,
  }));
}
