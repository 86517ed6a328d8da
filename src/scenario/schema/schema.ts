import { z } from 'zod';
import { answerSchema } from './answer-schema.ts';
import { backgroundSchema } from './beside/background-schema.ts';
import { eventsField } from './beside/events-schema.ts';
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
import { needsSchema, runSchema } from './run-schema.ts';
import { retrySchema, stopSchema } from './session-schema.ts';
import { NO_ALLOW, SSL_MODES } from './sslmode.ts';
import { protocolField, statementsField, writesField } from './statements-schema.ts';
import { tasteSchema } from './taste-schema.ts';

/**
 * The scenario file, field by field: types, defaults, bounds and descriptions. The TypeScript type, the JSON Schema and
 * the validation all come from here. Checks that need several fields (a schedule without arrivals) are in
 * src/scenario/problems and src/scenario/plan.
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
        "As in libpq: verify-ca and verify-full verify the server's certificate. It takes precedence over the " +
          'sslmode of the target. Default: the sslmode of the target, or prefer. The pg driver has no prefer: the ' +
          'first login decides for the whole run whether TLS is used.',
      ),
    queries: z
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe(
        'How often each connection runs SELECT 1, one after another, once it is ready. Above 0 it cannot be set ' +
          'together with statements.',
      ),
    statements: statementsField,
    protocol: protocolField,
    writes: writesField,
    hold: z
      .union([durationOrEnd(HOLD_BOUNDS), uniformHold], {
        error: ({ input }) =>
          typeof input === 'number' ? describeDurationError(input, HOLD_BOUNDS) : HOLD_EXPECTED,
      })
      .default('0s')
      .describe(
        'How long each connection is kept once it is ready: a duration; { min, max }, drawn at random between the ' +
          'two (the seed decides); or end, until the run ends. The end of a run ends every hold.',
      ),
    close: z
      .enum(['terminate', 'server-first', 'reset', 'abandon'])
      .default('terminate')
      .describe(
        'How a connection ends. terminate: connstorm sends Terminate and closes its socket, as libpq does. ' +
          'TIME_WAIT stays on this machine, which limits the rate. server-first: connstorm sends Terminate, ' +
          "then waits for the server's FIN, at most for the timeout. TIME_WAIT stays on the server. The wait is " +
          "the phase close. (Under TLS the phase ends with the server's close_notify, and connstorm closes its " +
          'socket 100 ms later.) reset: connstorm sends RST and no Terminate. No side has TIME_WAIT, but the ' +
          'server notices only at its next read, logs a lost connection and counts it in sessions_abandoned. ' +
          'Unix sockets have no RST. abandon: connstorm gives up an attempt that is not ready abandonAfter ' +
          'after its start, as impatient clients do. The server still does the work for such connects. A ' +
          'connection that is ready in time ends as with terminate.',
      ),
    abandonAfter: duration({ atLeast: '1ms', atMost: '10m' })
      .exactOptional()
      .describe(
        'Required with close: abandon, and allowed only with it. An attempt that is not ready this long after ' +
          'its start is given up. It counts as abandoned, not failed, and ranks in latency as a timeout does. ' +
          'The time must be shorter than timeout.',
      ),
    localAddresses: z
      .array(z.union([z.ipv4(NO_ADDRESS), z.ipv6(NO_ADDRESS)], NO_ADDRESS))
      .min(1)
      .max(1000)
      .exactOptional()
      .describe(
        'IP addresses of this machine to connect from. Each arrival uses the next one in turn. Each address ' +
          'has its own local ports, so more connects fit before TIME_WAIT uses up the ports. This has a price. ' +
          'If a socket is bound to an address, the kernel looks for a port that is free towards every server. ' +
          'That gets slow as ports are used up (40,000 connects took 85 s bound and 5.8 s not bound). close: ' +
          'server-first also saves ports, without this price. Unix sockets have no addresses.',
      ),
    hosts: z
      .enum(['at-start', 'each-attempt'])
      .exactOptional()
      .describe(
        'When the host is chosen, if the target names several. at-start (default): once, before the run, by ' +
          'target_session_attrs; every attempt goes there (with load_balance_hosts=random to all that fit, in ' +
          'turn). each-attempt: each connect takes the hosts in turn until one fits, as clients of libpq do. Each ' +
          'try is an attempt of its own with its own timeout. The next host follows a refused or failed TCP ' +
          'connection, a timeout, a server that is not ready (57P03), and a server of the wrong role, which fails ' +
          'as SESSION_ATTRS. Any other failure ends the connect. With load_balance_hosts=random each connect ' +
          'draws its own order. Latency counts from the arrival until the last try is ready.',
      ),
    timeout: duration({ atLeast: '1ms', atMost: '10m' })
      .default('10s')
      .describe(
        'How long an attempt may take until it is ready; after that it is given up and counts as failed. ' +
          'connect_timeout of the target takes precedence over the file, and --set connection.timeout over both.',
      ),
    scramCache: z
      .boolean()
      .default(true)
      .describe(
        'Whether a SCRAM key is derived once per password and salt and then kept, or derived at every login. The ' +
          'pg driver always derives it.',
      ),
    maxScramIterations: z
      .int()
      .min(1)
      .max(10_000_000)
      .exactOptional()
      .describe(
        'The highest number of SCRAM iterations that connstorm accepts (default 100,000, as in libpq). If the ' +
          'server asks for more, connstorm does not log in. Each iteration costs CPU of this machine at every ' +
          'derivation; PostgreSQL asks for 4,096 (scram_iterations).',
      ),
    serverTimes: z
      .boolean()
      .default(true)
      .describe(
        'Whether connstorm asks the server for its own part of each connect, if the database user may ask. ' +
          'PostgreSQL 18 then reports setup, fork and authentication, from which the wait in the accept queue ' +
          'follows; for this the server writes a line to its log per connect. On any version one connection in ' +
          '51 (about ten in a short run) also asks for the age of its backend. From these ages connstorm ' +
          'estimates the wait in the accept queue. Through a pooler, or with false, connstorm asks for none of ' +
          'this.',
      ),
  })
  .prefault({})
  .describe('What each connection does.');

/** The name of a role, as before the `=` of --target. */
const ROLE_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

const scenarioFields = {
  shows: z.string().min(1).max(500).describe('What running this scenario shows, in a sentence.'),
  load: loadSchema,
  connection: connectionSchema,
  background: backgroundSchema,
  retry: retrySchema,
  stop: stopSchema,
  killSwitch: killSwitchSchema,
  events: eventsField,
  probes: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          host: z
            .boolean()
            .describe(
              "Whether the server's host is sampled too. With false, connstorm samples only what it could see " +
                'of a server on another machine.',
            ),
        }),
      ],
      { error: 'must be true, false or a map of host' },
    )
    .exactOptional()
    .describe(
      'Samples the target during the storm, to find out what gives out: a query every 0.1 s on a connection ' +
        "opened before the storm (the canary), the server's own views over another connection, the server's host if " +
        "that is this machine, and PgBouncer's console. Default: true for a saturation-search, otherwise false. If " +
        'there are several hosts, only the first is sampled.',
    ),
  target: z
    .string()
    .regex(ROLE_NAME, { error: 'must be the name of a role such as direct or pooled' })
    .exactOptional()
    .describe(
      'The role of the target to connect to, as --target ROLE=URL names it. Default: the only target, or direct ' +
        'if there are several. The lab has the roles direct, pooled (with a PgBouncer) and, ' +
        'with lab.replicas, replica, replica2 and so on, all (attempts are spread over the server and its replicas) ' +
        'and primary (whichever of them is the primary).',
    ),
  workers: z
    .int()
    .min(1)
    .max(64)
    .exactOptional()
    .describe('The number of threads that connect. Default: connstorm decides.'),
  seed: z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .default(1)
    .describe(
      'Seed of the random numbers for arrivals, holds, think times and backoff. The same seed gives the same ones.',
    ),
  lab: labSchema,
};

/** One whole scenario: a file without variants, or one variant of a file. */
export const scenarioSchema = z.strictObject(scenarioFields).describe('A connstorm scenario.');

const VARIANT_NAME = /^(?=.*[A-Za-z_-])[A-Za-z0-9_-]{1,32}$/;

/** The fields of a file that do not belong to its scenario. */
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
      'Named ways to run the scenario, up to 16, which run one after another. Each overrides fields of the ' +
        "scenario: a map is merged with the scenario's map; a list or a value replaces that of the scenario. A " +
        'variant cannot override shows, seed, repeat, warmUp, taste, compare, budgets, answer, needs and run.',
    ),
  repeat: z
    .int()
    .min(1)
    .max(100)
    .exactOptional()
    .describe(
      'How many rounds of all variants are run. Default: 1. Every other round runs the variants in reverse order.',
    ),
  warmUp: duration({ atLeast: '0s', atMost: '1h' })
    .exactOptional()
    .describe(
      'How long the load of each leg runs before it is measured. Default: 0s. The load is cut to this length, ' +
        'uses another seed, ends completely before the leg begins, and is not measured. So pools, caches and the ' +
        'server are equally warm for all. Not with saturation-search.',
    ),
  taste: tasteSchema,
  compare: compareSchema,
  budgets: budgetsSchema,
  answer: answerSchema,
  needs: needsSchema,
  run: runSchema,
};

export const fileFieldsSchema = z.strictObject(fileFields);

/** Every field that a file may have. What its variants override is checked after merging. */
export const scenarioFileSchema = z
  .strictObject({ ...scenarioFields, ...fileFields })
  .describe('A connstorm scenario.');

/** A scenario with every default filled in. Durations stay text, as in the file. */
export type Scenario = z.output<typeof scenarioSchema>;
export type Connection = Scenario['connection'];
