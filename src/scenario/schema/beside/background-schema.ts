import { z } from 'zod';
import { duration } from '../duration-field.ts';
import { passedText } from '../statements-schema.ts';

/** Activities that run beside the load. None of them is in a figure of the load. */

const MAX_RATE = 10_000;
const rate = z
  .number()
  .gt(0)
  .max(MAX_RATE)
  .describe('The number of acts per second. It may be a fraction. The moments are evenly spaced.');

const held = z
  .strictObject({
    activity: z.literal('held').describe('Connections that are kept open.'),
    connections: z
      .int()
      .min(0)
      .max(100_000)
      .describe(
        'The highest number of connections to keep. There are fewer if opening them would take more than half as long ' +
          "as the load, if they would take more than a quarter of the free memory of the target's host (if connstorm " +
          'can see that host), or if the target has fewer free slots. The result says how many were open, and why.',
      ),
    touch: duration({ atLeast: '100ms', atMost: '1h' })
      .exactOptional()
      .describe('How often each connection runs SELECT 1. Default: never.'),
  })
  .describe('Keeps connections open, from before the load until after it.');

const queries = z
  .strictObject({
    activity: z.literal('queries').describe('Clients that run a statement again and again.'),
    clients: z
      .int()
      .min(1)
      .max(1000)
      .describe('The number of connections, all opened before the load.'),
    statement: passedText
      .default('SELECT 1')
      .describe(
        'SQL. It runs in a read-only transaction, except in the lab or with connection.writes. It runs once before ' +
          'the load. If it fails then, the run does not start.',
      ),
    rate: rate
      .exactOptional()
      .describe(
        'Statements per second of all clients together. If all clients are busy, a statement that is due is skipped. ' +
          'Default: each client begins the next statement when it has the answer to the last one.',
      ),
  })
  .describe('Runs a statement on connections that were opened before the load.');

const cancels = z
  .strictObject({
    activity: z.literal('cancels').describe('Cancel requests.'),
    rate,
  })
  .describe(
    'Sends cancel requests, each on a new connection, for an idle session of its own. Nothing is cancelled, but ' +
      'the server forks a process for each request. It does not work through a pooler.',
  );

const HEALTH_CHECKS = ['tcp', 'ssl', 'startup', 'silent'] as const;

const healthChecks = z
  .strictObject({
    activity: z.literal('health-checks').describe('Health checks, as load balancers make them.'),
    rate,
    kind: z
      .enum(HEALTH_CHECKS)
      .default('tcp')
      .describe(
        'What a check does. tcp: it connects and closes. ssl: it sends SSLRequest, and closes after the answer. ' +
          "startup: it begins a login, and closes after the server's first answer. silent: it connects, and stays " +
          'without a word.',
      ),
    stay: duration({ atLeast: '1ms', atMost: '1m' })
      .exactOptional()
      .describe(
        'How long a silent check stays. Default: 1s. PostgreSQL keeps a process for each until it has gone. Together ' +
          'they may take a quarter of the free slots of a target; more needs --beyond-slots.',
      ),
  })
  .describe('Connects and leaves, without completing a login.');

const abandons = z
  .strictObject({
    activity: z.literal('abandons').describe('Connects that are given up.'),
    rate,
    after: duration({ atLeast: '1ms', atMost: '1m' }).describe(
      'How long after its start a connect is given up if it is not ready. If it is ready before that, it is closed.',
    ),
  })
  .describe('Begins logins and gives them up, as impatient clients do.');

const reloads = z
  .strictObject({
    activity: z.literal('reloads').describe('Reloads of the configuration.'),
    rate,
  })
  .describe(
    'Runs pg_reload_conf(). The postmaster then signals all of its processes. The database user needs EXECUTE on ' +
      'that function. It does not work through a pooler.',
  );

const terminations = z
  .strictObject({
    activity: z.literal('terminations').describe('Sessions that are terminated.'),
    rate: rate.max(50).describe('How many sessions are terminated per second, at most 50.'),
  })
  .describe(
    'Ends sessions of its own with pg_terminate_backend(), and opens others in their place. The statement that ends a ' +
      'session first checks that it belongs to this activity. It does not work through a pooler.',
  );

const parallelQueries = z
  .strictObject({
    activity: z.literal('parallel-queries').describe('Queries with parallel workers.'),
    rate: rate.max(1000),
    workers: z
      .int()
      .min(1)
      .max(4)
      .default(2)
      .describe(
        'Parallel workers of each query. The plan is checked before the load: the run does not start if the server ' +
          'plans fewer.',
      ),
  })
  .describe(
    'Queries a catalogue table with parallel workers. The postmaster forks workers as it forks backends. ' +
      'The result says how many workers were launched.',
  );

export const activitySchema = z.discriminatedUnion('activity', [
  held,
  queries,
  cancels,
  healthChecks,
  abandons,
  reloads,
  terminations,
  parallelQueries,
]);

const activityName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, {
  error: 'is not a name of an activity: letters, digits, _ and -, a letter first',
});

const MOST_ACTIVITIES = 16;

export const backgroundSchema = z
  .record(activityName, activitySchema)
  .refine((activities) => Object.keys(activities).length <= MOST_ACTIVITIES, {
    error: `must have at most ${MOST_ACTIVITIES} activities`,
  })
  .exactOptional()
  .describe(
    'Named activities that run beside the load at their own pace, on a thread of their own. Their connections are opened ' +
      'before the load, and closed after it. The result has counts and latencies for each activity. No figure of the ' +
      'load contains them. If there are several hosts, all activities use the first one.',
  );

/** An activity as it stands in a scenario. */
export type ActivitySettings = z.output<typeof activitySchema>;
export type ActivityKind = ActivitySettings['activity'];
export type HealthCheck = (typeof HEALTH_CHECKS)[number];
