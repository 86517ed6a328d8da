import { z } from 'zod';
import { POOL_MODES } from './pool-mode.ts';

const SETTING_NAME = /^[A-Za-z_][A-Za-z0-9_$]*(?:\.[A-Za-z_][A-Za-z0-9_$]*)*$/;

const settingValue = z.union(
  [z.string().regex(/^[^\0\r\n]*$/, { error: 'must be one line' }), z.number(), z.boolean()],
  { error: 'must be a string of one line, a number, true or false' },
);

const settings = z.record(
  z.string().regex(SETTING_NAME, { error: 'is not a setting name' }),
  settingValue,
);

const CPUS = 'must be a list of CPUs in quotes such as "0" or "2-3"';

const pgbouncerSchema = z
  .strictObject({
    poolMode: z
      .enum(POOL_MODES)
      .exactOptional()
      .describe(
        'When a client gives its server connection back: after each transaction, or when it goes; transaction unless set.',
      ),
    poolSize: z
      .int()
      .min(1)
      .max(10_000)
      .exactOptional()
      .describe('Connections to the server, at most, of each process; 20 unless set.'),
    maxClientConn: z
      .int()
      .min(1)
      .max(1_000_000)
      .exactOptional()
      .describe(
        'Clients of each process; more are refused. 10,000 unless set, or what open descriptors allow.',
      ),
    listenBacklog: z
      .int()
      .min(1)
      .max(65_535)
      .exactOptional()
      .describe(
        'Connects that may wait to be accepted by each process; 4096 unless set. The system may lower it.',
      ),
    processes: z
      .int()
      .min(1)
      .max(64)
      .exactOptional()
      .describe(
        'Processes that share the port (so_reuseport); 1 unless set. Each uses one CPU, and has a console and limits of its own.',
      ),
    settings: settings
      .exactOptional()
      .describe(
        'Other settings of pgbouncer.ini by name; they outrank the fields beside. Those that are not known to be ' +
          'harmless, such as auth_query, need --trust-scenario.',
      ),
  })
  .exactOptional()
  .describe(
    "A PgBouncer in front of the server, which must be installed, for the role pooled. Clients log in to it by the server's " +
      'auth.',
  );

export const labSchema = z
  .strictObject({
    postgres: z
      .strictObject({
        settings: settings
          .exactOptional()
          .describe(
            'Settings of postgresql.conf by name. Those that are not known to be harmless, such as archive_command, need ' +
              '--trust-scenario.',
          ),
        auth: z
          .enum(['scram-sha-256', 'md5', 'password', 'trust'])
          .exactOptional()
          .describe("How the storm's role logs in; scram-sha-256 unless set."),
        forkCostMs: z
          .number()
          .min(0.1)
          .max(1000)
          .exactOptional()
          .describe(
            'CPU that every fork costs the postmaster beyond its own, in milliseconds: a limit of the postmaster that any ' +
              'machine can show. Linux, with a C compiler.',
          ),
        cpus: z
          .string({ error: CPUS })
          .regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, { error: CPUS })
          .exactOptional()
          .describe(
            'The CPUs that it and its PgBouncer may use, by number, in quotes: "0", "2-3", "0,2"; all unless set. Linux, with ' +
              'taskset. --pin server=... outranks it.',
          ),
      })
      .exactOptional()
      .describe('The server.'),
    pgbouncer: pgbouncerSchema,
  })
  .exactOptional()
  .describe(
    'The Postgres that connstorm starts itself where no target is given. Variants that differ in it have one each.',
  );
