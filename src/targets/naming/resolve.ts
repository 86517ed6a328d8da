import { userInfo } from 'node:os';
import type { SslMode } from '../../scenario/schema/sslmode.ts';
import type { Target } from '../target.ts';
import { isLab, namesHost, namesServer } from './choose-lab.ts';
import { settleClientEncoding } from './client-encoding.ts';
import { type Lookup, lookupAll, resolveHosts } from './lookup.ts';
import type { ResolvedTarget } from './resolved-target.ts';
import { invalid } from './settings/invalid.ts';
import { settleKeepalives } from './settings/keepalives.ts';
import { nameSslMode } from './settings/name-sslmode.ts';
import { isSocketDirectory, socketPath } from './settings/unix-socket.ts';
import { parseConnectionString, parseTargetOption } from './sources/connection-string.ts';
import { type Environment, readEnvironment, warnOfUnfollowed } from './sources/environment.ts';
import type { GivenParameters, GivenValue } from './sources/given.ts';
import type { HostSpec } from './sources/hosts.ts';
import { readParameters, type TargetSpec } from './sources/parameters.ts';
import { locatePasswordFile, readPassword } from './sources/pgpass.ts';
import { type NamedService, readService } from './sources/service.ts';
import { readTlsFiles, type TlsFiles } from './tls-files.ts';

export interface TargetRequest {
  /** The value of `--target`: `[role=]URL`, or `[role=]key=value ...`. */
  text?: string | undefined;
  /** The role, which overrides the one in `text`. If both are absent, it is `direct`. */
  role?: string | undefined;
  env: Environment;
  /** Whether connstorm started the server. It then reads no files of the user (~/.postgresql, ~/.pgpass). */
  isLab?: boolean;
  /**
   * The scenario's sslmode. It outranks the connection string and the environment, because variants may differ in it.
   */
  sslmode?: SslMode | undefined;
}

/**
 * Returns the target that flags, environment and scenario name, with its host names resolved once. Returns undefined if
 * the target is the lab: it is named, or neither a connection string (the flag, CONNSTORM_TARGET) nor PGHOST,
 * PGHOSTADDR or PGSERVICE names a server.
 *
 * What a connection string leaves out comes from these sources, in this order: its service (service=, PGSERVICE),
 * libpq's variables, ~/.pgpass (or passfile, PGPASSFILE), and the defaults. The defaults are localhost (libpq would
 * take a Unix socket), port 5432, the system's user, a database named as the user, sslmode `prefer`, the certificates
 * in ~/.postgresql, and application_name `connstorm`. Unlike in libpq, neither PGHOSTADDR nor the host of PGSERVICE
 * overrides a string with a host.
 *
 * Throws UsageError for what is malformed or unsupported, and UnreachableError if its only name does not resolve.
 */
export async function resolveTarget(
  request: TargetRequest,
  resolveName: Lookup = lookupAll,
): Promise<ResolvedTarget | undefined> {
  const { env, sslmode, isLab: isOurs = false } = request;
  if (!isTargetNamed(request)) return undefined;
  const text = request.text ?? (env.CONNSTORM_TARGET || undefined);
  const option = parseTargetOption(text ?? '');
  const named: GivenParameters =
    text === undefined ? new Map() : parseConnectionString(option.rest);
  const given = mergeGiven(named, await readService(named, env), readEnvironment(env));
  const spec = readParameters(given);
  const role = request.role ?? option.role ?? 'direct';
  const { targets, warnings } = await completeTargets(
    // The scenario's value has been checked already.
    sslmode === undefined ? spec : { ...spec, sslmode, sslmodeKey: 'connection.sslmode' },
    role,
    env,
    isOurs ? undefined : env,
  );
  return {
    ...(await resolveHosts(targets, resolveName)),
    sessionAttrs: spec.sessionAttrs ?? 'any',
    spread: spec.loadBalanceHosts === 'random',
    connectTimeoutS: spec.connectTimeoutS,
    warnings: [
      ...warnOfUnfollowed(env),
      // The lab's URL asks for TLS only as a default.
      ...(isOurs ? [] : warnOfSslMode(sslmode, given.get('sslmode'))),
      ...warnings,
    ],
  };
}

function warnOfSslMode(asked: SslMode | undefined, given: GivenValue | undefined): string[] {
  const { source, value = '' } = given ?? {};
  if (asked === undefined || value === '' || value === asked) return [];
  return [`${source}=${value} is ignored: connection.sslmode is ${asked}`];
}

/**
 * Merges the sources by precedence. The host of one source is not replaced by one that the environment, or the
 * environment's service, has for another server.
 */
function mergeGiven(
  named: GivenParameters,
  service: NamedService | undefined,
  environment: GivenParameters,
): GivenParameters {
  const { given: served = new Map(), isExplicit } = service ?? {};
  if (namesHost(named) && isExplicit === false) forgetHost(served);
  if (namesHost(named) || namesHost(served)) forgetHost(environment);
  return new Map([...environment, ...served, ...named]);
}

function forgetHost(given: GivenParameters): void {
  given.delete('host');
  given.delete('hostaddr');
}

/** Returns whether a server is named; false if the target is the lab. */
function isTargetNamed({ text, env }: Pick<TargetRequest, 'text' | 'env'>): boolean {
  const named = text ?? (env.CONNSTORM_TARGET || undefined);
  return named === undefined ? namesServer(env) : !isLab(named);
}

/** Fills in the defaults. The targets' addresses are still names. `filesOf`: undefined to read no file of the user. */
async function completeTargets(
  spec: TargetSpec,
  role: string,
  env: Environment,
  filesOf: Environment | undefined,
): Promise<{ targets: Target[]; warnings: string[] }> {
  const user = spec.user ?? readSystemUser();
  const login = { role, user, database: spec.database ?? user };
  const tls: TlsFiles = spec.hosts.every(isSocket)
    ? { sslmode: 'disable', warnings: [] }
    : await readTlsFiles(spec, filesOf);
  const session = describeSession(spec, env);
  const tcp = spec.hosts.every(isSocket) ? { warnings: [] } : settleKeepalives(spec);
  const warnings = [...tls.warnings, ...warnOfSockets(spec), ...tcp.warnings];
  const targets = await Promise.all(
    spec.hosts.map(async (host) => {
      const where = { ...login, ...locate(host) };
      const { password, warning, trouble } = await findPassword(spec, where, filesOf);
      if (warning !== undefined && !warnings.includes(warning)) warnings.push(warning);
      const link = isSocket(host) || tcp.idleS === undefined ? {} : { keepaliveIdleS: tcp.idleS };
      const found = trouble === undefined ? {} : { passwordTrouble: trouble };
      return { ...where, password, ...found, ...secure(host, tls, spec), ...session, ...link };
    }),
  );
  return { targets, warnings };
}

/** Returns whether a host is a Unix socket. A given address rules that out: libpq prefers it to any host. */
function isSocket({ host, hostAddress }: HostSpec): boolean {
  return hostAddress === undefined && host !== undefined && isSocketDirectory(host);
}

function locate(spec: HostSpec): Pick<Target, 'host' | 'address' | 'port'> {
  const host = spec.host ?? spec.hostAddress ?? 'localhost';
  const address = isSocket(spec) ? socketPath(host, spec.port) : (spec.hostAddress ?? host);
  return { host, address, port: spec.port };
}

async function findPassword(
  { password, passwordFile }: TargetSpec,
  key: Pick<Target, 'host' | 'port' | 'database' | 'user'>,
  env: Environment | undefined,
): Promise<{ password: string | undefined; warning?: string; trouble?: string }> {
  if (password !== undefined) return { password };
  const file = passwordFile ?? (env === undefined ? undefined : locatePasswordFile(env));
  if (file === undefined) return { password: undefined };
  const isNamed = passwordFile !== undefined || file === env?.PGPASSFILE;
  return { password: undefined, ...(await readPassword(file, key, isNamed)) };
}

/** Returns a host's TLS settings. As in libpq, a Unix socket has no TLS, whatever sslmode says. */
function secure(
  host: HostSpec,
  { sslmode, tls }: TlsFiles,
  { sslmodeKey }: TargetSpec,
): Pick<Target, 'sslmode' | 'sslmodeKey' | 'tls'> {
  if (isSocket(host)) return { sslmode: 'disable' };
  return {
    sslmode,
    ...(sslmodeKey === undefined ? {} : { sslmodeKey }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function warnOfSockets(spec: TargetSpec): string[] {
  const { hosts, sslmode } = spec;
  const isAsked = sslmode !== undefined && sslmode !== 'disable' && sslmode !== 'prefer';
  if (!isAsked || !hosts.some(isSocket)) return [];
  const named = nameSslMode(spec, sslmode);
  return [`${named} does not apply to Unix sockets, as in libpq: they have no TLS`];
}

function describeSession(
  spec: TargetSpec,
  env: Environment,
): Pick<
  Target,
  'channelBinding' | 'requireAuth' | 'applicationName' | 'options' | 'clientEncoding'
> {
  const { channelBinding, requireAuth, options, clientEncoding } = spec;
  return {
    ...(channelBinding === undefined ? {} : { channelBinding }),
    ...(requireAuth === undefined ? {} : { requireAuth }),
    ...(options === undefined ? {} : { options }),
    ...(clientEncoding === undefined
      ? {}
      : { clientEncoding: settleClientEncoding(clientEncoding, env) }),
    applicationName: spec.applicationName ?? spec.fallbackApplicationName ?? 'connstorm',
  };
}

function readSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    throw invalid(
      "the target names no user, and this system has no user name for connstorm's user id: put one in the connection string or PGUSER",
    );
  }
}
