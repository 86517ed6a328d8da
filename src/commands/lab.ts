import { once } from 'node:events';
import { ConnstormError, UsageError } from '../errors.ts';
import type { Settings } from '../lab/check-settings.ts';
import { type Lab, type LabOptions, startLab } from '../lab/lab.ts';
import { AUTH_METHODS, type AuthMethod } from '../lab/storm-role.ts';
import type { Command, CommandArgs, CommandIo } from './command.ts';

/** `connstorm lab`: keeps a lab up, for whatever wants to connect to it. */
export const lab: Command = {
  usage: 'lab',
  summary: 'Start a Postgres of its own and print its URLs until Ctrl-C',
  options: (yargs) =>
    yargs
      .option('postgres-bin', {
        type: 'string',
        describe: 'folder of an installed Postgres server (13 or later), not the embedded one',
      })
      .option('setting', {
        type: 'string',
        describe: 'a setting of postgresql.conf as name=value; repeatable',
      })
      .option('auth', {
        type: 'string',
        describe: `how the storm's role logs in: ${AUTH_METHODS.join(', ')}`,
      })
      .option('json', { type: 'boolean', describe: 'print one JSON object' }),
  execute: async (args, io) => {
    const running = await startLab(parseLabOptions(args));
    try {
      print(running, args.json === true, io);
      await waitUntilStopped(running);
    } finally {
      await running.stop();
    }
    return [];
  },
};

/** @throws UsageError for a flag without its value or with a wrong one */
export function parseLabOptions(args: CommandArgs): LabOptions {
  const postgresBin = args.postgresBin;
  const auth = args.auth;
  return {
    settings: parseSettings(args.setting),
    ...(postgresBin === undefined ? {} : { postgresBin: parsePostgresBin(postgresBin) }),
    ...(auth === undefined ? {} : { auth: parseAuth(auth) }),
  };
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

/** A flag given twice is an array. */
function parseSettings(value: unknown): Settings {
  if (value === undefined) return {};
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  return Object.fromEntries(texts.map((text) => parseSetting(String(text))));
}

function parseSetting(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new UsageError('LAB_FLAG', `--setting must be name=value, got ${JSON.stringify(text)}`);
}

function print(running: Lab, json: boolean, io: CommandIo): void {
  const { url, superuserUrl, version, pid, logPath } = running;
  if (json) {
    const facts = { direct: url, superuser: superuserUrl, version, pid, log: logPath };
    io.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  io.stdout.write(`direct     ${url}\nsuperuser  ${superuserUrl}\n`);
  io.stderr.write(`Postgres ${version}, log in ${logPath}; Ctrl-C stops it and removes it.\n`);
}

/**
 * Resolves at the first SIGINT or SIGTERM. A second one then meets no listener and ends this process at once; the lab
 * goes nevertheless.
 *
 * @throws ConnstormError when the server ends before anybody asked for it
 */
async function waitUntilStopped(running: Lab): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const interrupted = [once(process, 'SIGINT', { signal }), once(process, 'SIGTERM', { signal })];
  // Neither listeners for signals nor the lab's server keep Node alive.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    const how = await Promise.race([...interrupted, running.serverEnded]);
    if (typeof how !== 'string') return;
    throw new ConnstormError('internal', 'LAB_ENDED', `the lab's Postgres is gone: ${how}`);
  } finally {
    clearInterval(alive);
    over.abort();
    await Promise.allSettled(interrupted);
  }
}
