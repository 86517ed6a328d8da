import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { userInfo } from 'node:os';
import { readMonotonicUs } from '../clock.ts';
import { UnreachableError } from '../errors.ts';
import type { SslMode } from '../scenario/sslmode.ts';
import { invalid } from './invalid.ts';
import { readParameter, type TargetSpec } from './parameters.ts';
import { locatePasswordFile, readPassword } from './pgpass.ts';
import type { Target } from './target.ts';
import { readTlsFiles } from './tls-files.ts';
import { parseTargetOption, parseTargetUrl } from './url.ts';

type Environment = Record<string, string | undefined>;

export interface TargetRequest {
  /** As given by `--target`: `[role=]URL`. */
  url?: string | undefined;
  /** Overrides the one in `url`; `direct` where neither names one. */
  role?: string | undefined;
  env: Environment;
  /** As the scenario asks; the environment and the URL outrank it. */
  sslmode?: SslMode | undefined;
}

export interface ResolvedTarget {
  /** With the first of `addresses`. */
  target: Target;
  /** How long resolving the name took; null for an address. */
  dnsUs: number | null;
  /** In the resolver's order, at least one. */
  addresses: string[];
  /** For people, e.g. about a password file that was ignored. */
  warnings: string[];
}

/** All addresses of a host name, in the order to try them; rejects where there is none. */
export type Lookup = (host: string) => Promise<string[]>;

/** libpq's variables that connstorm follows, and the keywords they stand for. */
const VARIABLES = {
  PGHOST: 'host',
  PGHOSTADDR: 'hostaddr',
  PGPORT: 'port',
  PGDATABASE: 'dbname',
  PGUSER: 'user',
  PGPASSWORD: 'password',
  PGSSLMODE: 'sslmode',
  PGSSLNEGOTIATION: 'sslnegotiation',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGCHANNELBINDING: 'channel_binding',
  PGREQUIREAUTH: 'require_auth',
  PGAPPNAME: 'application_name',
} as const;

/**
 * The target that flags, environment and scenario name, its host name resolved once; undefined where neither a URL
 * (the flag, CONNSTORM_TARGET) nor PGHOST or PGHOSTADDR names a host: then it is the lab.
 *
 * What a URL leaves out comes from libpq's variables, then from ~/.pgpass (or PGPASSFILE), then from the defaults:
 * localhost (libpq would take a Unix socket), 5432, the system's user, a database named as the user, sslmode
 * `prefer`, the certificates in ~/.postgresql, application_name `connstorm`. Unlike in libpq, a URL with a host is not overridden by PGHOSTADDR.
 * PGCONNECT_TIMEOUT is ignored: the scenario says how long an attempt may take.
 *
 * Throws UsageError for what is malformed or unsupported, UnreachableError for a name that does not resolve.
 */
export async function resolveTarget(
  request: TargetRequest,
  resolveName: Lookup = lookupAll,
): Promise<ResolvedTarget | undefined> {
  const { env } = request;
  const text = request.url ?? (env.CONNSTORM_TARGET || undefined);
  const environment = readEnvironment(env);
  if (text === undefined && !namesHost(environment)) return undefined;

  const option = parseTargetOption(text ?? '');
  const named = text === undefined ? {} : parseTargetUrl(option.url);
  const scenario = request.sslmode === undefined ? {} : { sslmode: request.sslmode };
  const spec = {
    ...scenario,
    ...(namesHost(named) ? withoutHost(environment) : environment),
    ...named,
  };

  const role = request.role ?? option.role ?? 'direct';
  const { target, warnings } = await completeTarget(spec, role, env);
  const { addresses, dnsUs } = await resolveAddresses(target.address, resolveName);
  return {
    target: { ...target, address: addresses[0] ?? target.address },
    addresses,
    dnsUs,
    warnings,
  };
}

function readEnvironment(env: Environment): TargetSpec {
  const specs = Object.entries(VARIABLES).map(([variable, keyword]) =>
    readParameter(keyword, env[variable] ?? '', variable),
  );
  return Object.assign({}, ...specs);
}

function namesHost(spec: TargetSpec): boolean {
  return spec.host !== undefined || spec.hostAddress !== undefined;
}

function withoutHost({ host: _, hostAddress: __, ...rest }: TargetSpec): TargetSpec {
  return rest;
}

/** Fills in the defaults; the target's address is still the name to resolve. */
async function completeTarget(
  spec: TargetSpec,
  role: string,
  env: Environment,
): Promise<{ target: Target; warnings: string[] }> {
  const host = spec.host ?? spec.hostAddress ?? 'localhost';
  const user = spec.user ?? readSystemUser();
  const login = { host, port: spec.port ?? 5432, user, database: spec.database ?? user };
  const found =
    spec.password === undefined ? await readPassword(locatePasswordFile(env), login) : {};
  const { sslmode, tls, warnings } = await readTlsFiles(spec, env);
  const { channelBinding, requireAuth } = spec;
  const target: Target = {
    role,
    ...login,
    address: spec.hostAddress ?? host,
    password: spec.password ?? found.password,
    sslmode,
    ...(tls === undefined ? {} : { tls }),
    ...(channelBinding === undefined ? {} : { channelBinding }),
    ...(requireAuth === undefined ? {} : { requireAuth }),
    applicationName: spec.applicationName ?? 'connstorm',
  };
  if (found.warning !== undefined) warnings.push(found.warning);
  return { target, warnings };
}

function readSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    throw invalid(
      'the target names no user and this system has no name for ours: put one in the URL or PGUSER',
    );
  }
}

async function resolveAddresses(
  host: string,
  resolveName: Lookup,
): Promise<{ addresses: string[]; dnsUs: number | null }> {
  if (isIP(host) !== 0) return { addresses: [host], dnsUs: null };
  const startUs = readMonotonicUs();
  try {
    const addresses = await resolveName(host);
    return { addresses, dnsUs: readMonotonicUs() - startUs };
  } catch (cause) {
    const { code = 'no address' } = cause as NodeJS.ErrnoException;
    throw new UnreachableError(
      'HOST_UNRESOLVED',
      `cannot resolve host "${host}" (${code}): check the host in the target URL or PGHOST`,
      { cause },
    );
  }
}

async function lookupAll(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}
