import { formatCounted } from '../../counted.ts';
import {
  findUnknown,
  judgeSession,
  readSwitch,
  type SessionAttrs,
  type SessionState,
} from '../../drivers/login/session-attrs.ts';
import type { tryLogin } from '../../drivers/try-login.ts';
import { UnreachableError } from '../../errors.ts';
import type { ResolvedHost, ResolvedTarget } from '../naming/resolved-target.ts';
import { askServer, query } from './ask-server.ts';
import { describeServer } from './describe.ts';
import { addVisits, type Preflight, preflight } from './preflight.ts';
import { describeUnanswered } from './refusal/refusal.ts';

export interface HostChoice {
  /**
   * The hosts that attempts go to: one, or all usable ones if load_balance_hosts spreads the attempts. In order, at
   * least one.
   */
  chosen: [Preflight, ...Preflight[]];
  /** Why other hosts were left out, one line each. */
  leftOut: string[];
  /** Only if all hosts were visited: what clients find that choose their host at each connect. */
  inTurn?: HostsInTurn;
}

/** The hosts of clients that choose at each connect. */
export interface HostsInTurn {
  /** The hosts that fit now, in order. */
  fitting: [Preflight, ...Preflight[]];
  /** All hosts whose names resolved, in order. */
  hosts: JudgedHost[];
}

/** One host, as the visit found it. */
export interface JudgedHost {
  host: ResolvedHost;
  /** Absent: it could not be visited. */
  visited?: Preflight;
  /** Why it does not fit; absent: it fits. */
  problem?: string;
}

interface Options {
  timeoutUs: number;
  /** Whether all hosts are visited, even after one that fits or one that refuses the login. Absent: they are not. */
  visitsAll?: boolean;
  login?: typeof tryLogin;
}

/**
 * The result for one host. `problem`: why it does not fit; absent: it fits. With `visited` it can still be used if no
 * better host is found.
 */
interface Verdict {
  visited?: Preflight;
  problem?: string;
  error?: UnreachableError;
}

type Wanted = Pick<ResolvedTarget, 'hosts' | 'sessionAttrs' | 'spread'>;

/**
 * Logs in to the hosts in their order until one is as target_session_attrs wants it; to all if attempts are spread. As
 * in libpq, a host that is silent or not ready (57P03) is followed by the next, and one that refuses the login ends the
 * search. Unlike in libpq, a host that accepts the login and then answers no query is followed by the next, too. A hung
 * server, or a pooler without its server, does that, and a storm would measure nothing there. `prefer-standby` takes
 * any host if none is a standby. With `visitsAll` no host ends the search.
 *
 * Throws UnreachableError, one line that names each host, if no host can be used.
 */
export async function chooseHosts(target: Wanted, options: Options): Promise<HostChoice> {
  const verdicts: Verdict[] = [];
  const { visitsAll = false } = options;
  for (const host of target.hosts) {
    const verdict = await judgeHost(host, target, options);
    verdicts.push(verdict);
    if (verdict.problem === undefined && !target.spread && !visitsAll) break;
  }
  const choice = decide(verdicts, target);
  if (!visitsAll) return choice;
  const { chosen: fitting } = decide(verdicts, { ...target, spread: true });
  const hosts = target.hosts.flatMap((host, at) =>
    host.unresolved === undefined ? [pickJudged(host, verdicts[at])] : [],
  );
  return { ...choice, inTurn: { fitting, hosts } };
}

function pickJudged(host: ResolvedHost, { visited, problem }: Verdict = {}): JudgedHost {
  return {
    host,
    ...(visited === undefined ? {} : { visited }),
    ...(problem === undefined ? {} : { problem }),
  };
}

function decide(verdicts: readonly Verdict[], { sessionAttrs, spread }: Wanted): HostChoice {
  const fitting = verdicts.filter(({ problem }) => problem === undefined);
  const anyMode = sessionAttrs === 'prefer-standby' && fitting.length === 0;
  const usable = anyMode ? verdicts.filter(({ visited }) => visited !== undefined) : fitting;
  const taken = spread ? usable : usable.slice(0, 1);
  const [first, ...others] = taken.flatMap(({ visited }) => visited ?? []);
  if (first === undefined) throw refuseAll(verdicts);
  const left = verdicts.filter((verdict) => !taken.includes(verdict));
  return { chosen: [first, ...others], leftOut: left.flatMap(({ problem }) => problem ?? []) };
}

async function judgeHost(
  host: ResolvedHost,
  { hosts, sessionAttrs }: Wanted,
  options: Options,
): Promise<Verdict> {
  const visited = await visit(host, options);
  if (visited instanceof UnreachableError) {
    const endsSearch = visited.code === 'LOGIN_REFUSED' && options.visitsAll !== true;
    if (endsSearch) throw hosts.length > 1 ? endSearch(visited) : visited;
    return { problem: visited.message, error: visited };
  }
  // The next host may answer. For a single host, the caller reports it in its own words.
  if (visited.unanswered !== undefined && hosts.length > 1) {
    const error = describeUnanswered(visited.target, visited.unanswered);
    return { problem: error.message, error };
  }
  const [session, sessions] = await completeState(visited, sessionAttrs, options.timeoutUs);
  const known = addVisits(visited, sessions);
  const misfit = judgeSession(session, sessionAttrs);
  if (misfit === undefined) return { visited: known };
  const server = describeServer(visited.target);
  return { visited: known, problem: `${server} ${misfit} (target_session_attrs=${sessionAttrs})` };
}

async function visit(
  { target, addresses, unresolved }: ResolvedHost,
  options: Options,
): Promise<Preflight | UnreachableError> {
  if (unresolved !== undefined) return unresolved;
  try {
    return await preflight(target, addresses, options);
  } catch (error) {
    if (error instanceof UnreachableError) return error;
    throw error;
  }
}

function endSearch({ code, message }: UnreachableError): UnreachableError {
  return new UnreachableError(code, `${message}; as in libpq, that ends the search for a host`);
}

function refuseAll(verdicts: readonly Verdict[]): UnreachableError {
  const [only, ...others] = verdicts;
  if (others.length === 0 && only?.error !== undefined) return only.error;
  const problems = verdicts.flatMap(({ problem }) => problem ?? []).join('; ');
  const what =
    others.length === 0
      ? ''
      : `none of the ${formatCounted(verdicts.length, 'host')} can be used: `;
  return new UnreachableError('NO_HOST', `${what}${problems}`);
}

/**
 * Completes a session's state. As libpq does, it asks a server that does not report the state by itself (before
 * PostgreSQL 14, or behind a pooler). Returns how many sessions that took, too.
 */
async function completeState(
  { target, server, session }: Preflight,
  wanted: SessionAttrs,
  timeoutUs: number,
): Promise<[SessionState, sessions: number]> {
  const unknown = findUnknown(session, wanted);
  if (unknown === undefined) return [session, 0];
  const rows = await askServer(target, server, timeoutUs, (client) =>
    query<{ state: string }>(client, STATE_QUERIES[unknown]),
  );
  const told = { ...session, [unknown]: readSwitch(rows?.[0]?.state) };
  return [told, rows === undefined ? 0 : 1];
}

const STATE_QUERIES: Record<keyof SessionState, string> = {
  readOnly: "SELECT pg_catalog.current_setting('transaction_read_only') AS state",
  standby: "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'on' ELSE 'off' END AS state",
};
