import type { ServerTimesPlan } from '../../drivers/protocol/server-times.ts';
import { type LoginResult, tryLogin } from '../../drivers/try-login.ts';
import { describeFailure } from '../../failure-text.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { Target } from '../target.ts';

/** What a server reports to this role of its own part in a connect. */
export interface ServerTimes {
  /**
   * Whether the server can send a setup notice at every connect. `options`: what the StartupMessage must contain for
   * it.
   */
  notice: { available: true; options: string } | { available: false; reason: string };
  /**
   * Whether the age of a backend says something about the connect. Every version reports it, but a pooler may use an
   * older backend.
   */
  age: boolean;
  /** Sessions that it took to find out. */
  sessions: number;
}

type Server = Pick<HeaderRecord['target']['server'], 'version' | 'pooler' | 'between' | 'settings'>;

/** The first version with `setup_durations`. */
const NOTICE_VERSION = 18;
const LISTEN = '-c client_min_messages=log';
const MAY_NOT = '42501';

/**
 * Finds out which of its times the server reports, with one login at most, because each costs the server a fork. Never
 * throws: a refused login is a reason not to ask.
 *
 * `server`: the findings of the first login.
 */
export async function findServerTimes(
  target: Target,
  server: Server,
  { timeoutUs, login = tryLogin }: { timeoutUs: number; login?: typeof tryLogin },
): Promise<ServerTimes> {
  const age = hasOwnBackends(server);
  const obstacle = findObstacle(server);
  if (obstacle !== undefined)
    return { notice: { available: false, reason: obstacle }, age, sessions: 0 };
  const options = chooseOptions(server.settings.log_connections);
  const result = await login(target, timeoutUs, options);
  const sessions = result.ok ? 1 : 0;
  if (result.ok && result.toldSetup) {
    return { notice: { available: true, options }, age, sessions };
  }
  return { notice: { available: false, reason: describeNo(result, target) }, age, sessions };
}

/**
 * Returns whether each login had its own backend, with something in between or not. Behind a proxy or address
 * translation the server's times are those of connstorm's connects. If it is a pooler after all, backends that are
 * older than their connect are reported (`OLD_BACKENDS`).
 */
export function hasOwnBackends({ pooler, between }: Pick<Server, 'pooler' | 'between'>): boolean {
  return pooler === false || between === true;
}

/** Returns why there is no point in asking, or undefined. */
function findObstacle(server: Server): string | undefined {
  const { version, pooler } = server;
  if (pooler === true) return 'a pooler is in between, which logs clients in by itself';
  if (!hasOwnBackends(server)) return 'it cannot be seen whether a pooler is in between';
  const major = Number.parseInt(version ?? '', 10);
  if (major >= NOTICE_VERSION) return undefined;
  return `only PostgreSQL ${NOTICE_VERSION} or later reports them, and this is ${version ?? 'an unknown version'}`;
}

/**
 * Returns the options for the notice. If the server logs setup durations already, listening is enough, which every role
 * may do. Otherwise they are added to what it logs, so that connects cost as much as before.
 */
function chooseOptions(setting: string | undefined): string {
  const logged = listLogged(setting ?? '');
  if (logged.includes('all') || logged.includes('setup_durations')) return LISTEN;
  return `${LISTEN} -c log_connections=${[...logged, 'setup_durations'].join(',')}`;
}

/**
 * Returns what log_connections logs: aspects, or a boolean as before version 18.
 * https://www.postgresql.org/docs/18/runtime-config-logging.html#GUC-LOG-CONNECTIONS
 */
function listLogged(setting: string): string[] {
  const aspects = setting.toLowerCase().replace(/[\s"]/g, '').split(',');
  const [only = ''] = aspects;
  if (aspects.length > 1) return aspects;
  if (/^(on|true|yes|1)$/.test(only)) return ['receipt', 'authentication', 'authorization'];
  return /^(off|false|no|0|)$/.test(only) ? [] : aspects;
}

function describeNo(result: LoginResult, { user }: Target): string {
  if (result.ok) return 'the server accepted the request and reported nothing';
  const { code, message } = result.failure;
  if (code !== MAY_NOT)
    return `the server refused the request with ${describeFailure({ code, message })}`;
  return `role "${user}" may not ask for them (${code}): GRANT SET ON PARAMETER log_connections TO ${quoteName(user)} allows it`;
}

/** Returns a name as SQL needs it: in quotes unless it has only small letters, digits and _. */
function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The largest distance of sampled arrivals. A sample costs 0.8 ms of server CPU, which is cheap at this distance. */
const SPARSEST = 51;
/** The number of samples that a short run should get, if it has as many arrivals. */
const WANTED = 10;

/**
 * Returns which of the offered times to ask for. `arrivalCount`: null in a closed loop, where it is not known. Every
 * n-th arrival is sampled; n is odd, so that any number of workers share the samples.
 */
export function planServerTimes(
  { notice, age }: Pick<ServerTimes, 'notice' | 'age'>,
  arrivalCount: number | null,
): ServerTimesPlan {
  const expected = arrivalCount ?? Number.POSITIVE_INFINITY;
  const every = Math.min(SPARSEST, Math.max(1, Math.floor(expected / WANTED)));
  return {
    options: notice.available ? notice.options : undefined,
    sampleEvery: age ? every - (1 - (every % 2)) : undefined,
  };
}

/** Returns the header's part about server times; empty if the server is asked for none. */
export function describeServerTimes(plan: ServerTimesPlan): Pick<HeaderRecord, 'serverTimes'> {
  const { options, sampleEvery: every } = plan;
  if (options === undefined && every === undefined) return {};
  const sampleEvery = every ?? null;
  if (options === undefined) return { serverTimes: { notice: null, sampleEvery } };
  return { serverTimes: { notice: options === LISTEN ? 'listened' : 'asked', sampleEvery } };
}

/** Returns a line for people; undefined if the server reports its times. */
export function explainServerTimes({
  notice,
  age,
}: Pick<ServerTimes, 'notice' | 'age'>): string | undefined {
  if (notice.available) return undefined;
  const instead = age ? 'queue waits are estimated from a sample' : 'queue waits will be missing';
  return `the server does not report its own times of a connect, so ${instead}: ${notice.reason}`;
}
