import { isUnixSocket } from '../../drivers/endpoint.ts';
import { readReportedState, type SessionState } from '../../drivers/login/session-attrs.ts';
import { readServerChain } from '../../drivers/server-chain.ts';
import { type LoginResult, tryLogin } from '../../drivers/try-login.ts';
import type { NoticeCount } from '../../model/notices.ts';
import type { ServerFindings } from '../../result/records/target.ts';
import type { Target } from '../target.ts';
import { readClientLimit } from './client-limit.ts';
import { inspectServer, type LoginLimits } from './inspection.ts';
import { describeRefusal } from './refusal/refusal.ts';
import { isOfUnknownIssuer } from './refusal/tls-refusal.ts';

/**
 * What is known of a target before the storm. A value that could not be read is null, or missing among the settings.
 */
export interface Preflight {
  /** The target with the address that answered. */
  target: Target;
  server: ServerFindings;
  limits: LoginLimits | null;
  /** Pid of the postmaster; null if it does not run on this machine or is not known. */
  postmasterPid: number | null;
  /** The session's state, as far as the login reported it. */
  session: SessionState;
  /** Notices at the login, each kind once; absent: there were none. */
  notices?: readonly NoticeCount[];
  /**
   * Why the first question after a login was not answered. Behind a pooler it usually means that the pooler's server is
   * down.
   */
  unanswered?: string;
}

/** Returns the findings, after so many more sessions at the server. */
export function addVisits(found: Preflight, more: number): Preflight {
  const { server } = found;
  return { ...found, server: { ...server, visits: (server.visits ?? 0) + more } };
}

/** Returns the findings for a further variant of the target, so that its sessions are not counted twice. */
export function forgetVisits(found: Preflight): Preflight {
  const { visits: _, ...server } = found.server;
  return { ...found, server };
}

type AcceptedLogin = Extract<LoginResult, { ok: true }>;

/**
 * Logs in once as the storm will, at each address until one answers. Then reads on a second connection what the server
 * reports of itself. Only a failed login throws: UnreachableError with advice.
 */
export async function preflight(
  target: Target,
  addresses: readonly string[],
  { timeoutUs, login = tryLogin }: { timeoutUs: number; login?: typeof tryLogin },
): Promise<Preflight> {
  const accepted = await logInAnywhere(target, addresses, timeoutUs, login);
  const found = await inspectServer(accepted.target, accepted.login, timeoutUs);
  const { tls, auth, parameters, notices } = accepted.login;
  const version = found.settings.server_version ?? parameters.server_version;
  const session = readReportedState(parameters);
  const { settings, slots, limits, between, instance, postmasterPid, unanswered } = found;
  const pooler = isPoolerConsole(version) ? true : found.pooler;
  const isAskable = pooler === true && unanswered === undefined;
  const { clients, unread: why } = isAskable
    ? await readClientLimit(accepted.target, accepted.login, timeoutUs)
    : {};
  const unread = why === undefined ? found.unread : { ...found.unread, clients: why };
  return {
    target: accepted.target,
    // Debian appends its package's name: `15.18 (Debian 15.18-0+deb12u1)`.
    server: {
      version: version?.split(' ')[0] ?? null,
      serverRole: nameServerRole(found.standby ?? session.standby),
      tls,
      auth,
      ...findAuthDetails(accepted),
      settings,
      slots,
      ...(clients === undefined ? {} : { clients }),
      pooler,
      ...(between ? { between: true as const } : {}),
      ...(instance === null ? {} : { instance }),
      ...(unread === undefined ? {} : { unread }),
      visits: 1 + found.sessions,
    },
    limits,
    postmasterPid,
    session,
    ...(notices === undefined ? {} : { notices }),
    ...(unanswered === undefined ? {} : { unanswered }),
  };
}

function nameServerRole(standby: boolean | null): NonNullable<ServerFindings['serverRole']> {
  if (standby === null) return 'unknown';
  return standby ? 'standby' : 'primary';
}

/** Returns details of the login. trust, cert and peer look the same to a client: none of them asks for anything. */
function findAuthDetails({
  target,
  login,
}: {
  target: Target;
  login: AcceptedLogin;
}): Pick<ServerFindings, 'authMayBe' | 'channelBinding'> {
  if (login.isBound) return { channelBinding: true };
  if (login.auth !== 'trust') return {};
  if (isUnixSocket(target.address)) return { authMayBe: 'peer' };
  const hasCertificate = login.tls !== null && target.tls?.certificate !== undefined;
  return hasCertificate ? { authMayBe: 'cert' } : {};
}

/**
 * Returns whether the target is PgBouncer's own console (dbname=pgbouncer). It has no backend that could be asked about
 * a pooler, but its version ends in `/bouncer`, as in `1.18.0/bouncer`.
 */
function isPoolerConsole(version: string | undefined): boolean {
  return version?.endsWith('/bouncer') === true;
}

/**
 * Logs in at the first address that answers. A server that refuses has answered: the next address is tried only after
 * silence.
 */
async function logInAnywhere(
  target: Target,
  addresses: readonly string[],
  timeoutUs: number,
  logIn: typeof tryLogin,
): Promise<{ target: Target; login: AcceptedLogin }> {
  let refusal = new Error('there is no address to log in to');
  for (const address of addresses) {
    const attempted = { ...target, address };
    const login = await logIn(attempted, timeoutUs);
    if (login.ok) return { target: attempted, login };
    const chain = isOfUnknownIssuer(login.failure)
      ? await readServerChain(attempted, timeoutUs)
      : undefined;
    refusal = describeRefusal(attempted, login, timeoutUs, chain);
    if (login.failure.layer === 'server') break;
  }
  throw refusal;
}
