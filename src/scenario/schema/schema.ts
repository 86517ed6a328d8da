import { z } from 'zod';
import { budgetsSchema } from './budget-schema.ts';
import { compareSchema } from './compare-schema.ts';
import { DRIVER_NAMES } from './driver-name.ts';
import {
  DURATION_EXAMPLES,
  describeDurationError,
  duration,
  durationOrEnd,
} from './duration-field.ts';
import { killSwitchSchema } from './kill-switch-schema.ts';
import { labSchema } from './lab-schema.ts';
import { loadSchema } from './load-schema.ts';
import { runSchema } from './run-schema.ts';
import { retrySchema, stopSchema } from './session-schema.ts';
import { NO_ALLOW, SSL_MODES } from './sslmode.ts';
import { tasteSchema } from './taste-schema.ts';

/**
 * The scenario file, field by field: types, defaults, bounds and descriptions. Everything else about a
 * scenario comes from here: the TypeScript type, the JSON Schema, and what validation accepts.
 * What one field alone cannot tell (a schedule without arrivals) is in schedule.ts.
 */

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
      .enum(SSL_MODES, {
        error: ({ input }) =>
          input === 'allow' ? `must be ${SSL_MODES.join(', ')}; ${NO_ALLOW}` : undefined,
      })
      .exactOptional()
      .describe(
        "As libpq's: verify-ca and verify-full verify the server's certificate. " +
          'It outranks what the target says; without it that holds, else prefer. ' +
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
          typeof input === 'number' ? describeDurationError(input, HOLD_BOUNDS) : HOLD_EXPECTED,
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
    maxScramIterations: z
      .int()
      .min(1)
      .max(10_000_000)
      .exactOptional()
      .describe(
        'A server that asks for more SCRAM iterations is not logged in to; 100,000 unless set, as libpq has it. Each ' +
          'costs CPU of this machine at every derivation; PostgreSQL asks for 4,096 (scram_iterations).',
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

/** A role's name, as it stands before the `=` of --target. */
const ROLE_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

const scenarioFields = {
  shows: z.string().min(1).max(500).describe('What running this scenario shows, in a sentence.'),
  load: loadSchema,
  connection: connectionSchema,
  retry: retrySchema,
  stop: stopSchema,
  killSwitch: killSwitchSchema,
  probes: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          host: z
            .boolean()
            .describe(
              "Whether the server's host is looked at too; false tells what a managed server would.",
            ),
        }),
      ],
      { error: 'must be true, false or a map of host' },
    )
    .exactOptional()
    .describe(
      'Looks at the target while it is stormed, to tell what gives out: a query every 0.1 s on a connection opened ' +
        "before the storm (the canary), the server's own views over another one, its host where that is this machine, " +
        "PgBouncer's console. Without it: true for a saturation-search, else false. Of several hosts the first.",
    ),
  target: z
    .string()
    .regex(ROLE_NAME, { error: 'must be the name of a role such as direct or pooled' })
    .exactOptional()
    .describe(
      'The role of the target to connect to, as --target ROLE=URL names it; without it the only target, else direct. ' +
        'The lab has direct and, with a PgBouncer, pooled.',
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
    .describe(
      'Of the random arrivals, holds, think times and backoffs; the same seed gives the same ones.',
    ),
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
        'values replace. Not to be overridden are shows, seed, repeat, warmUp, taste, compare, budgets and run.',
    ),
  repeat: z
    .int()
    .min(1)
    .max(100)
    .exactOptional()
    .describe(
      'How many rounds of all variants are run, 1 unless set; every other round in reverse order.',
    ),
  warmUp: duration({ atLeast: '0s', atMost: '1h' })
    .exactOptional()
    .describe(
      'How long the load of each variant and round runs before it is measured, 0s unless set: the same load cut to ' +
        'this, with another seed, drained, and in no figure. So pools, caches and the server are equally warm. Not with ' +
        'saturation-search.',
    ),
  taste: tasteSchema,
  compare: compareSchema,
  budgets: budgetsSchema,
  run: runSchema,
};

export const fileFieldsSchema = z.strictObject(fileFields);

/** Every field that a file may have; what its variants override is checked after merging. */
export const scenarioFileSchema = z
  .strictObject({ ...scenarioFields, ...fileFields })
  .describe('A connstorm scenario.');

/** A scenario with every default filled in; durations stay text, as in the file. */
export type Scenario = z.output<typeof scenarioSchema>;
export type Connection = Scenario['connection'];
