import { renderJson } from '../controls.ts';
import { ConnstormError, UsageError } from '../errors.ts';
import type { Settings } from '../lab/check-settings.ts';
import { type Lab, type LabOptions, startLab } from '../lab/lab.ts';
import { requirePgBouncer } from '../lab/pgbouncer/find-pgbouncer.ts';
import type { Pooler } from '../lab/pgbouncer/pgbouncer.ts';
import type { PoolerOptions } from '../lab/pgbouncer/pgbouncer-ini.ts';
import { AUTH_METHODS, type AuthMethod } from '../lab/postgres/storm-role.ts';
import { unlessStopped } from '../run/unless-stopped.ts';
import { writeMessage } from '../wrap-text.ts';
import type { Command, CommandArgs, CommandIo } from './command.ts';
import { switchFlag, textFlag } from './input/flags.ts';
import { createLabInterrupted, withStopSignals } from './input/stop-signals.ts';

/** `connstorm lab`: keeps a lab running, for other programs to connect to. */
export const lab: Command = {
  usage: 'lab',
  summary: 'Start a Postgres for tests, print its URLs, and stop it at Ctrl-C',
  printsSecrets: true,
  options: (yargs) =>
    yargs
      .option(
        'postgres-bin',
        textFlag('Use the Postgres (13 or later) in this folder, not the embedded one.'),
      )
      .option('setting', textFlag('Set a setting of postgresql.conf, as name=value. Repeatable.'))
      .option('auth', textFlag(`How the lab's database user logs in: ${AUTH_METHODS.join(', ')}.`))
      .option(
        'pgbouncer',
        switchFlag('Start a PgBouncer in front of the Postgres. PgBouncer must be installed.'),
      )
      .option(
        'pgbouncer-setting',
        textFlag(
          'Set a setting of pgbouncer.ini, as name=value, such as default_pool_size=5. Repeatable.',
        ),
      )
      .option('json', switchFlag('Print one JSON object.')),
  execute: async (args, io) => {
    const pooling = parsePoolerOptions(args);
    if (pooling !== undefined) requirePgBouncer();
    return withStopSignals(async (stop) => {
      const running = await startLab({ ...parseLabOptions(args), stop });
      try {
        const pooler = await unlessStopped(
          stop,
          startPooler(running, pooling),
          createLabInterrupted,
        );
        print(running, pooler, args.json === true, io);
        await waitUntilStopped(running, stop);
      } finally {
        await running.stop();
      }
      return [];
    });
  },
};

/** @throws UsageError for a flag without its value or with a wrong one */
export function parseLabOptions(args: CommandArgs): LabOptions {
  const postgresBin = args.postgresBin;
  const auth = args.auth;
  return {
    settings: parseSettings('setting', args.setting),
    ...(postgresBin === undefined ? {} : { postgresBin: parsePostgresBin(postgresBin) }),
    ...(auth === undefined ? {} : { auth: parseAuth(auth) }),
  };
}

/** Returns the pooler's options; undefined if none is wanted. Throws UsageError as parseLabOptions does. */
export function parsePoolerOptions(args: CommandArgs): PoolerOptions | undefined {
  const settings = parseSettings('pgbouncer-setting', args.pgbouncerSetting);
  if (args.pgbouncer === true) return { settings };
  if (Object.keys(settings).length === 0) return undefined;
  throw new UsageError('LAB_FLAG', '--pgbouncer-setting needs --pgbouncer');
}

function parsePostgresBin(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError('LAB_FLAG', '--postgres-bin must be given once, with a folder');
}

function parseAuth(value: unknown): AuthMethod {
  const method = AUTH_METHODS.find((known) => known === value);
  if (method !== undefined) return method;
  const message = `--auth must be one of ${AUTH_METHODS.join(', ')}, got ${String(value)}`;
  throw new UsageError('LAB_FLAG', message);
}

/** Parses a flag that may be given several times: yargs then returns an array. */
function parseSettings(flag: string, value: unknown): Settings {
  if (value === undefined) return {};
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  return Object.fromEntries(texts.map((text) => parseSetting(flag, String(text))));
}

function parseSetting(flag: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new UsageError('LAB_FLAG', `--${flag} must be name=value, got ${JSON.stringify(text)}`);
}

function print(running: Lab, pooler: Pooler | undefined, json: boolean, io: CommandIo): void {
  const { url, superuserUrl, version, pid, logPath } = running;
  if (json) {
    const pooled = pooler === undefined ? {} : { pooled: pooler.url, poolerLog: pooler.logPath };
    const facts = { direct: url, ...pooled, superuser: superuserUrl, version, pid, log: logPath };
    io.stdout.write(`${renderJson(facts)}\n`);
    return;
  }
  const pooled = pooler === undefined ? '' : `pooled     ${pooler.url}\n`;
  io.stdout.write(`direct     ${url}\n${pooled}superuser  ${superuserUrl}\n`);
  const front =
    pooler === undefined ? '' : `PgBouncer ${pooler.version}, log in ${pooler.logPath}\n`;
  const notice = `${front}Postgres ${version}, log in ${logPath}; Ctrl-C stops it and removes it.`;
  writeMessage(io.stderr, notice, io.env);
}

async function startPooler(
  running: Lab,
  pooling: PoolerOptions | undefined,
): Promise<Pooler | undefined> {
  return pooling === undefined ? undefined : running.startPooler(pooling);
}

/** @throws ConnstormError if the server or the pooler ends by itself */
async function waitUntilStopped(running: Lab, stop: AbortSignal): Promise<void> {
  // Neither signal listeners nor the lab's server keep Node alive.
  const alive = setInterval(() => {}, 2 ** 30);
  const asked = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  try {
    const how = await Promise.race([asked, running.ended]);
    if (how !== undefined) throw new ConnstormError('internal', 'LAB_ENDED', how);
  } finally {
    clearInterval(alive);
  }
}
