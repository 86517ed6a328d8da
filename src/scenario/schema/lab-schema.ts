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
        'When a client gives its server connection back: after each transaction, or when the client disconnects. ' +
          'Default: transaction.',
      ),
    poolSize: z
      .int()
      .min(1)
      .max(10_000)
      .exactOptional()
      .describe('The highest number of server connections of each process. Default: 20.'),
    maxClientConn: z
      .int()
      .min(1)
      .max(1_000_000)
      .exactOptional()
      .describe(
        'The most clients of each process; it refuses further ones. Default: 10,000, or fewer if the limit of ' +
          'open descriptors allows fewer.',
      ),
    listenBacklog: z
      .int()
      .min(1)
      .max(65_535)
      .exactOptional()
      .describe(
        'How many connects may wait until a process accepts them. Default: 4096. The system may lower it.',
      ),
    processes: z
      .int()
      .min(1)
      .max(64)
      .exactOptional()
      .describe(
        'How many processes share the port (so_reuseport). Default: 1. Each uses one CPU, and has its own console ' +
          'and limits.',
      ),
    settings: settings
      .exactOptional()
      .describe(
        'Other settings of pgbouncer.ini, by name. They take precedence over the fields above. Settings that are ' +
          'not known to be harmless, such as auth_query, need --trust-scenario.',
      ),
  })
  .exactOptional()
  .describe(
    'A PgBouncer in front of the server, for the role pooled. It must be installed. Clients log in to it by the ' +
      'auth method of the server.',
  );

const cpus = z.string({ error: CPUS }).regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, { error: CPUS });

const SIZE = 'must be a size with its unit, such as 128MB or 1GB';

export const labSchema = z
  .strictObject({
    postgres: z
      .strictObject({
        bin: z
          .string()
          .regex(/^\/[^\0\r\n]*$/, {
            error: 'must be the absolute path of a folder, such as /usr/lib/postgresql/18/bin',
          })
          .exactOptional()
          .describe(
            'The folder with the programs of the Postgres to start (13 or later). With it, variants can run different ' +
              'versions. Default: the embedded Postgres. Because programs are run from it, it needs --trust-scenario. ' +
              '--postgres-bin takes precedence over it, and is refused if variants name different folders.',
          ),
        settings: settings
          .exactOptional()
          .describe(
            'Settings of postgresql.conf, by name. Settings that are not known to be harmless, such as ' +
              'archive_command, need --trust-scenario.',
          ),
        sharedBuffers: z
          .string({ error: SIZE })
          .regex(/^[1-9]\d*(?:kB|MB|GB|TB)$/, { error: SIZE })
          .exactOptional()
          .describe(
            'The setting shared_buffers, such as 1GB. Default: 128MB, as Postgres chooses.',
          ),
        hugePages: z
          .enum(['off', 'on', 'try'])
          .exactOptional()
          .describe(
            'The setting huge_pages: whether the shared memory is in huge pages. With on, the run is refused before ' +
              'anything is started if the host has too few free huge pages. The message has the command that reserves ' +
              'them (PostgreSQL 15 or later). Default: try, as in Postgres.',
          ),
        auth: z
          .enum(['scram-sha-256', 'md5', 'password', 'trust'])
          .exactOptional()
          .describe("How the lab's database user logs in. Default: scram-sha-256."),
        tls: z
          .boolean()
          .exactOptional()
          .describe(
            'Whether the server speaks TLS, with a self-signed certificate. Connects of the run then use TLS ' +
              '(sslmode=require) unless connection.sslmode says otherwise. So do connects to PgBouncer, and those of ' +
              'PgBouncer to the server. Default: false.',
          ),
        forkCostMs: z
          .number()
          .min(0.1)
          .max(1000)
          .exactOptional()
          .describe(
            'How many milliseconds of CPU every fork costs the postmaster in addition, so that the postmaster ' +
              'becomes the limit on any machine. It needs Linux and a C compiler.',
          ),
        cpus: cpus
          .exactOptional()
          .describe(
            'The CPUs that the lab\'s server and its PgBouncer may use, by number, in quotes: "0", "2-3", "0,2". ' +
              'Replicas use them too, unless replicaCpus is set. Default: all. It needs Linux and taskset. --pin ' +
              'server=... takes precedence over it.',
          ),
      })
      .exactOptional()
      .describe('The server.'),
    pgbouncer: pgbouncerSchema,
    replicas: z
      .int()
      .min(0)
      .max(4)
      .exactOptional()
      .describe(
        'The number of hot standbys that follow the server, as the roles replica, replica2, replica3 and replica4. ' +
          'Each has the settings of the server. It needs PostgreSQL 15 or later. Default: 0.',
      ),
    replicaCpus: z
      .array(cpus)
      .min(1)
      .max(4)
      .exactOptional()
      .describe(
        'The CPUs of each replica, in the order of their roles, such as ["1"] or ["2", "3"]. Default: those of the ' +
          'server. It needs Linux and taskset.',
      ),
  })
  .exactOptional()
  .describe(
    'The Postgres that connstorm starts itself if no target is given. Variants whose lab differs have one each.',
  );

export type Lab = NonNullable<z.output<typeof labSchema>>;
