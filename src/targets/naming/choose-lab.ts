import { UsageError } from '../../errors.ts';
import { LAB, parseTargetOption } from './sources/connection-string.ts';
import { type Environment, readEnvironment } from './sources/environment.ts';
import type { GivenParameters } from './sources/given.ts';
import { isConnectionUrl } from './sources/url.ts';

export interface LabRequest {
  /** As given by --target; none: the environment decides. */
  texts: readonly string[];
  env: Environment;
  /** The run is judged by budgets. */
  hasBudgets: boolean;
}

/** The lab is the target. */
export interface LabChoice {
  /** The roles that were named, as in `direct=lab`; absent: whichever the scenario wants. */
  roles?: string[];
  /** Nothing was named at all; the lab is what there is. */
  isDefault: boolean;
  /** What may have been meant for another target, in a line for people. */
  note?: string;
}

/**
 * Whether the target is the lab: where `lab` is named, or nothing names a server (--target, CONNSTORM_TARGET, PGHOST,
 * PGHOSTADDR, PGSERVICE). Undefined: it is not.
 *
 * Throws UsageError where the lab and a server are named together, and where the lab would be taken though somebody seems to
 * mean a server: CONNSTORM_TARGET is empty, or, in CI or under budgets, other variables say something of a server. A gate
 * would then judge the lab and be green.
 */
export function chooseLab({ texts, env, hasBudgets }: LabRequest): LabChoice | undefined {
  const named = texts.length > 0 ? texts : listEnvironment(env);
  const options = named.map(parseTargetOption);
  const labs = options.filter(({ rest }) => rest === LAB);
  if (labs.length > 0) {
    if (labs.length < options.length) throw refuseMixed();
    const isWhole = labs.length === 1 && labs[0]?.role === undefined;
    return { isDefault: false, ...(isWhole ? {} : { roles: listRoles(options) }) };
  }
  if (options.length > 0 || namesServer(env)) return undefined;
  const hint = describeHint(env);
  if (hint === undefined) return { isDefault: true };
  const choice =
    'name it with --target (or PGHOST), or give --target lab to start a Postgres for this run';
  if (hasBudgets || isCi(env)) {
    const why = isCi(env) ? 'CI is set' : 'there are budgets';
    const message = `no target is named and ${hint}. Because ${why}, connstorm does not use the lab instead: ${choice}`;
    throw new UsageError('TARGET_NOT_NAMED', message);
  }
  return { isDefault: true, note: `no target is named, though ${hint}: ${choice}` };
}

/** Whether `--target` names the lab. */
export function isLab(text: string): boolean {
  return parseTargetOption(text).rest === LAB;
}

/** Whether libpq's variables name a server: a host, or a service, which may leave the host to its default. */
export function namesServer(env: Environment): boolean {
  return namesHost(readEnvironment(env)) || (env.PGSERVICE ?? '') !== '';
}

export function namesHost(given: GivenParameters): boolean {
  return [given.get('host'), given.get('hostaddr')].some((entry) => (entry?.value ?? '') !== '');
}

function listEnvironment({ CONNSTORM_TARGET: text }: Environment): string[] {
  if (text === undefined) return [];
  if (text.trim() !== '') return [text];
  throw new UsageError(
    'TARGET_NOT_NAMED',
    'CONNSTORM_TARGET is empty: set it to a connection string, or to lab for a Postgres that connstorm starts, or unset it',
  );
}

/** `lab` beside `pooled=lab` is the role direct, as a connection string would be. */
function listRoles(options: readonly { role: string | undefined }[]): string[] {
  return options.map(({ role }) => role ?? 'direct');
}

function refuseMixed(): UsageError {
  return new UsageError(
    'TARGET_MIXED',
    '--target names the lab and another server: a run uses either the lab for all roles, or servers for all. To mix them, start a Postgres with connstorm lab and name it by its URL',
  );
}

/** Those that say something of one server; PGAPPNAME and the like hold for any. */
const HINTS = [
  'PGPORT',
  'PGDATABASE',
  'PGUSER',
  'PGPASSWORD',
  'PGSERVICEFILE',
  'PGSSLMODE',
  'PGREQUIRESSL',
  'PGSSLNEGOTIATION',
  'PGSSLROOTCERT',
  'PGSSLCERT',
  'PGSSLKEY',
  'PGSSLCRL',
  'PGSSLCRLDIR',
  'PGSSLCERTMODE',
  'PGREQUIREPEER',
  'PGCHANNELBINDING',
  'PGREQUIREAUTH',
  'PGTARGETSESSIONATTRS',
  'PGLOADBALANCEHOSTS',
];
/** These name a server: empty, as a secret that is missing leaves them, they were meant to. */
const NAMING = ['PGHOST', 'PGHOSTADDR', 'PGSERVICE'];
/** Not libpq's, and not read here; other tools take a target from them. */
const URLS = ['DATABASE_URL', 'POSTGRES_URL'];

/** The first hint that a server is meant, with the name of its variable. Values are not quoted: they may be secret. */
function describeHint(env: Environment): string | undefined {
  const empty = NAMING.find((name) => env[name] === '');
  if (empty !== undefined) return `${empty} is empty`;
  const set = HINTS.filter((name) => (env[name] ?? '') !== '');
  if (set.length > 0) return `${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} set`;
  const url = URLS.find((name) => isConnectionUrl(env[name] ?? ''));
  return url === undefined ? undefined : `${url} is set, which connstorm does not read`;
}

/** CI services set CI=true; `false` and `0` say that this is none. */
function isCi({ CI: value = '' }: Environment): boolean {
  return !['', 'false', '0'].includes(value.toLowerCase());
}
