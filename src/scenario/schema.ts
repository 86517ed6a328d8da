import { z } from 'zod';
import { DRIVER_NAMES } from './driver-name.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { SSL_MODES } from './sslmode.ts';

/**
 * The scenario file, field by field: types, defaults, bounds and descriptions. Everything else about a
 * scenario comes from here: the TypeScript type, the JSON Schema, and what validation accepts.
 * What one field alone cannot tell (a schedule without arrivals) is in schedule.ts.
 */

const DURATION_EXAMPLES = '500ms, 10s or 1m30s';

interface DurationBounds {
  atLeast: string;
  atMost: string;
}

function duration(bounds: DurationBounds) {
  return z
    .string({ error: ({ input }) => describeDurationError(input) })
    .regex(DURATION_PATTERN, { error: `must be a duration such as ${DURATION_EXAMPLES}` })
    .superRefine((text, context) => checkBounds(text, bounds, context));
}

/** A duration, or the word `end`. */
function durationOrEnd(bounds: DurationBounds) {
  return z
    .string({ error: ({ input }) => describeDurationError(input) })
    .regex(new RegExp(`^end$|${DURATION_PATTERN.source}`), {
      error: `must be a duration such as ${DURATION_EXAMPLES}, or end`,
    })
    .superRefine((text, context) => checkBounds(text, bounds, context));
}

function describeDurationError(input: unknown): string {
  return typeof input === 'number'
    ? `must have a unit (${input}s or ${input}ms?)`
    : `must be a duration such as ${DURATION_EXAMPLES}`;
}

function checkBounds(text: string, bounds: DurationBounds, context: z.RefinementCtx): void {
  if (!DURATION_PATTERN.test(text)) return;
  const us = parseDuration(text);
  if (us < parseDuration(bounds.atLeast)) {
    context.addIssue({ code: 'custom', message: `must be at least ${bounds.atLeast}` });
  }
  if (us > parseDuration(bounds.atMost)) {
    context.addIssue({ code: 'custom', message: `must be at most ${bounds.atMost}` });
  }
}

/** Arrivals per timeUnit; the limit per second is checked with the schedule. */
const MAX_RATE = 1_000_000_000;

const pacing = {
  timeUnit: duration({ atLeast: '1ms', atMost: '1d' })
    .default('1s')
    .describe(
      'The time that rates refer to: a rate of 90 with a timeUnit of 1m is 1.5 per second.',
    ),
  arrivals: z
    .enum(['uniform', 'poisson'])
    .default('uniform')
    .describe('How arrivals are spaced: evenly, or at random as independent clients would be.'),
  maxInFlight: z
    .int()
    .min(1)
    .max(1_000_000)
    .exactOptional()
    .describe(
      'The most attempts not yet ready, all workers together; an arrival beyond it is dropped and counted. ' +
        "Without it: the server's free slots, less a reserve.",
    ),
  gracefulStop: duration({ atLeast: '0s', atMost: '1h' })
    .default('30s')
    .describe('How long attempts in flight may still end after the last arrival or a stop.'),
};

const constantArrivalRate = z
  .strictObject({
    executor: z.literal('constant-arrival-rate').describe('Arrivals at one rate.'),
    rate: z.number().gt(0).max(MAX_RATE).describe('Arrivals per timeUnit; may be fractional.'),
    duration: duration({ atLeast: '1ms', atMost: '7d' }).describe('How long arrivals come.'),
    ...pacing,
  })
  .describe('Arrivals at one rate for a duration, whether or not earlier ones have been served.');

const stage = z.strictObject({
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
      .array(stage)
      .min(1)
      .max(100)
      .describe('The rate changes linearly from stage to stage, as in k6.'),
    ...pacing,
  })
  .describe('Arrivals at a rate that changes linearly through stages.');

export const loadSchema = z
  .discriminatedUnion('executor', [constantArrivalRate, rampingArrivalRate])
  .describe('When attempts to connect begin.');

const HOLD_BOUNDS = { atLeast: '0s', atMost: '7d' };
const HOLD_EXPECTED = `must be a duration such as ${DURATION_EXAMPLES}, a map of min and max, or end`;

const NO_ADDRESS = { error: 'must be an IP address' };

const uniformHold = z.strictObject({
  min: duration(HOLD_BOUNDS).describe('The shortest hold.'),
  max: duration(HOLD_BOUNDS).describe('The longest hold.'),
});

export const connectionSchema = z
  .strictObject({
    driver: z
      .enum(DRIVER_NAMES)
      .default('wire')
      .describe(
        'What opens connections: wire speaks the protocol itself and costs least; pg is the pg library, ' +
          'as a Node application uses it.',
      ),
    sslmode: z
      .enum(SSL_MODES)
      .exactOptional()
      .describe(
        "As libpq's: verify-ca and verify-full verify the server's certificate. " +
          'Without it: what the target says, else prefer. ' +
          'The pg driver knows no prefer: what the first login finds settles it for the run.',
      ),
    queries: z
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe('Queries run on each connection, one after another, once it is ready.'),
    hold: z
      .union([durationOrEnd(HOLD_BOUNDS), uniformHold], {
        error: ({ input }) =>
          typeof input === 'number' ? describeDurationError(input) : HOLD_EXPECTED,
      })
      .default('0s')
      .describe(
        'How long each connection is kept once ready: a duration; { min, max }, drawn evenly between the two and ' +
          'the same for the same seed; or end, until the run ends. The end of a run ends every hold.',
      ),
    close: z
      .enum(['terminate', 'server-first', 'reset', 'abandon'])
      .default('terminate')
      .describe(
        'How a connection ends. terminate: Terminate and gone; TIME_WAIT stays on this machine, which bounds the rate. ' +
          "server-first: Terminate, then wait for the server's FIN, at most for the timeout; TIME_WAIT stays with the " +
          'server, and the wait is the phase close (under TLS until its close_notify; we go 100 ms ' +
          'later). reset: RST without Terminate; no TIME_WAIT anywhere, but the server logs a lost ' +
          'connection and counts it in sessions_abandoned, and notices only when it reads; Unix sockets have none. abandon: give up on what ' +
          'is not ready abandonAfter after its start, as impatient clients do; what is ready in time ends by ' +
          'terminate. The server still does the work for abandoned connects.',
      ),
    abandonAfter: duration({ atLeast: '1ms', atMost: '10m' })
      .exactOptional()
      .describe(
        'With close: abandon, and only then: how long after its start an attempt that is not ready is given up. ' +
          'It counts as abandoned, not failed, and ranks in latency as a timeout does. Below timeout.',
      ),
    localAddresses: z
      .array(z.union([z.ipv4(NO_ADDRESS), z.ipv6(NO_ADDRESS)], NO_ADDRESS))
      .min(1)
      .max(1000)
      .exactOptional()
      .describe(
        'IP addresses of this machine to connect from, in turn by arrival: each has local ports of its own, so more ' +
          'connects fit before TIME_WAIT uses the ports up. The price: bound to an address, the kernel looks for a ' +
          'port that is free towards every server, which gets slow as ports fill up (40,000 connects took 85 s ' +
          'bound and 5.8 s not). close: server-first saves ports without it. Not over Unix sockets.',
      ),
    timeout: duration({ atLeast: '1ms', atMost: '10m' })
      .default('10s')
      .describe(
        'When an attempt that is not ready yet is given up and counted as failed. connect_timeout of the target ' +
          'outranks the file, and is outranked by --set connection.timeout.',
      ),
    scramCache: z
      .boolean()
      .default(true)
      .describe(
        'Derive a SCRAM key once per password and salt, not at every login; the pg driver always derives.',
      ),
    serverTimes: z
      .boolean()
      .default(true)
      .describe(
        "Ask the server for its own part of each connect, where the role may: PostgreSQL 18's setup notice (setup, fork, " +
          'authentication, and the wait in the accept queue before them), for which the server writes a line to its ' +
          'log per connect; and on any version the age of the backend, with one more query on a connection in 51 ' +
          '(about ten of a short run), for an estimate of that wait. Neither through a pooler. false asks nothing.',
      ),
  })
  .prefault({})
  .describe('What each connection does.');

const SETTING_NAME = /^[A-Za-z_][A-Za-z0-9_$]*(?:\.[A-Za-z_][A-Za-z0-9_$]*)*$/;

const settingValue = z.union(
  [z.string().regex(/^[^\0\r\n]*$/, { error: 'must be one line' }), z.number(), z.boolean()],
  { error: 'must be a string of one line, a number, true or false' },
);

const labSchema = z
  .strictObject({
    postgres: z
      .strictObject({
        settings: z
          .record(z.string().regex(SETTING_NAME, { error: 'is not a setting name' }), settingValue)
          .exactOptional()
          .describe('Settings of postgresql.conf by name.'),
        auth: z
          .enum(['scram-sha-256', 'md5', 'password', 'trust'])
          .exactOptional()
          .describe("How the storm's role logs in; scram-sha-256 unless set."),
      })
      .exactOptional()
      .describe('The server.'),
  })
  .exactOptional()
  .describe('The Postgres that connstorm starts itself where no target is given.');

/** A role's name, as it stands before the `=` of --target. */
const ROLE_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

const scenarioFields = {
  shows: z.string().min(1).max(500).describe('What running this scenario shows, in a sentence.'),
  load: loadSchema,
  connection: connectionSchema,
  target: z
    .string()
    .regex(ROLE_NAME, { error: 'must be the name of a role such as direct or pooled' })
    .exactOptional()
    .describe(
      'The role of the target to connect to, as --target ROLE=URL names it; without it the only target, else direct.',
    ),
  workers: z
    .int()
    .min(1)
    .max(64)
    .exactOptional()
    .describe('Threads that connect; without it connstorm decides.'),
  seed: z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .default(1)
    .describe('Of the random arrivals; the same seed gives the same arrivals.'),
  lab: labSchema,
};

/** One whole scenario: a file without variants, or one variant of a file. */
export const scenarioSchema = z.strictObject(scenarioFields).describe('A connstorm scenario.');

const VARIANT_NAME = /^(?=.*[A-Za-z_-])[A-Za-z0-9_-]{1,32}$/;

/** What a file says beside its scenario. */
const fileFields = {
  variants: z
    .record(
      z.string().regex(VARIANT_NAME, {
        error: 'must be named by 1 to 32 letters, digits, _ or -, not by a number alone',
      }),
      z.record(z.string(), z.unknown()),
    )
    .exactOptional()
    .describe(
      'Named ways to run the scenario, up to 16, run in turn: each overrides fields of it. Maps merge, lists and ' +
        'values replace. Not to be overridden are shows, seed and lab.',
    ),
  repeat: z
    .int()
    .min(1)
    .max(100)
    .exactOptional()
    .describe(
      'How many rounds of all variants are run, 1 unless set; every other round in reverse order.',
    ),
};

export const fileFieldsSchema = z.strictObject(fileFields);

/** Every field that a file may have; what its variants override is checked after merging. */
export const scenarioFileSchema = z
  .strictObject({ ...scenarioFields, ...fileFields })
  .describe('A connstorm scenario.');

/** A scenario with every default filled in; durations stay text, as in the file. */
export type Scenario = z.output<typeof scenarioSchema>;
export type Load = Scenario['load'];
export type Connection = Scenario['connection'];
