import { UsageError } from '../../errors.ts';
import { LAB, parseTargetOption } from './sources/connection-string.ts';
import { type Environment, readEnvironment } from './sources/environment.ts';
import type { GivenParameters } from './sources/given.ts';
import { isConnectionUrl } from './sources/url.ts';

export interface LabRequest {
  /** The values of --target. Empty: the environment decides. */
  texts: readonly string[];
  env: Environment;
  /** Whether budgets judge the run. */
  hasBudgets: boolean;
}

/** The target is the lab. */
export interface LabChoice {
  /** The roles that were named, as in `direct=lab`; absent: those that the scenario wants. */
  roles?: string[];
  /** Whether no target was named, so that the lab is the default. */
  isDefault: boolean;
  /** A line for people about settings that may have been meant for another target. */
  note?: string;
}

/**
 * Returns the choice of the lab as the target; undefined if it is not the target. It is if `lab` is named, or if
 * nothing names a server (--target, CONNSTORM_TARGET, PGHOST, PGHOSTADDR, PGSERVICE).
 *
 * Throws UsageError if the lab and a server are named together. Throws it too if the lab would be used although a
 * server seems to be meant: CONNSTORM_TARGET is empty, or, in CI or with budgets, other variables hint at a server.
 * Otherwise a gate would judge the lab and pass.
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

/** Returns whether a value of `--target` names the lab. */
export function isLab(text: string): boolean {
  return parseTargetOption(text).rest === LAB;
}

/** Returns whether libpq's variables name a server: a host, or a service, which may leave the host to its default. */
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

/**
 * Returns the roles that the lab is named for. Beside `pooled=lab`, a bare `lab` has the role direct, as a bare
 * connection string has.
 */
function listRoles(options: readonly { role: string | undefined }[]): string[] {
  return options.map(({ role }) => role ?? 'direct');
}

function refuseMixed(): UsageError {
  return new UsageError(
    'TARGET_MIXED',
    '--target names the lab and another server: a run uses either the lab for all roles, or servers for all. To mix them, start a Postgres with connstorm lab and name it by its URL',
  );
}

/** Variables that hint at one server. PGAPPNAME and others may be meant for any server. */
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
/** Variables that name a server. If one is empty, as after a missing secret, it was meant to name one. */
const NAMING = ['PGHOST', 'PGHOSTADDR', 'PGSERVICE'];
/** Variables that other tools take a target from. libpq and connstorm do not read them. */
const URLS = ['DATABASE_URL', 'POSTGRES_URL'];

/**
 * Returns the first hint that a server is meant, with the names of its variables. Values may be secret, so they are not
 * quoted.
 */
function describeHint(env: Environment): string | undefined {
  const empty = NAMING.find((name) => env[name] === '');
  if (empty !== undefined) return `${empty} is empty`;
  const set = HINTS.filter((name) => (env[name] ?? '') !== '');
  if (set.length > 0) return `${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} set`;
  const url = URLS.find((name) => isConnectionUrl(env[name] ?? ''));
  return url === undefined ? undefined : `${url} is set, which connstorm does not read`;
}

/** Returns whether this is CI. CI services set CI=true; `false` and `0` mean that it is not. */
function isCi({ CI: value = '' }: Environment): boolean {
  return !['', 'false', '0'].includes(value.toLowerCase());
}
