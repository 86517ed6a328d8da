import type { DriverName } from '../../scenario/schema/driver-name.ts';
import { chooseHosts, type HostsInTurn } from '../../targets/visit/choose-hosts.ts';
import { checkPlanFits } from '../../targets/visit/local-addresses.ts';
import { forgetVisits, type Preflight } from '../../targets/visit/preflight.ts';
import { describeUnanswered } from '../../targets/visit/refusal/refusal.ts';
import { settleSslMode } from '../../targets/visit/settle-sslmode.ts';
import { blameTargetOf, blameVariant } from '../blame-variant.ts';
import type { Notes } from '../notes.ts';
import { unlessStopped } from '../unless-stopped.ts';
import { changeVisits } from './change-visits.ts';
import type { TargetGroup } from './group-by-target.ts';
import { noteSilence } from './note-while-slow.ts';
import type { Planned, TurnHost, Visited } from './prepared.ts';

const POOLER =
  'a pooler is in between: it may answer logins itself, even if the server behind it is down';
const NO_QUERY = `${POOLER}. Set connection.queries=1 to measure both`;
const WITH_QUERY = `${POOLER}. The first query shows whether that server answers`;

/**
 * Logs in once to the servers of a group's target, and checks each against every variant's plan. A person at a terminal
 * is told if a server is silent.
 *
 * @throws UnreachableError, which names the target's role, if no host accepts a login, or if a host to storm answers no
 * query
 */
export function visitTarget(
  { variants, role, notes }: TargetGroup,
  stop: AbortSignal,
  person: { isTerminal: boolean; note: (text: string) => void },
): Promise<Visited[]> {
  const looking = lookOnce(variants, stop, notes);
  return blameTargetOf(role, noteSilence(variants[0].resolved, looking, person));
}

async function lookOnce(
  group: TargetGroup['variants'],
  stop: AbortSignal,
  notes: Notes,
): Promise<Visited[]> {
  const timeoutUs = Math.max(...group.map(({ plan }) => plan.connection.timeoutUs));
  const visitsAll = group.some(choosesEachTime);
  const choosing = chooseHosts(group[0].resolved, { timeoutUs, visitsAll });
  const { chosen, leftOut, inTurn } = await unlessStopped(stop, choosing);
  if (leftOut.length > 0 && !group.every(choosesEachTime)) {
    notes.warn(`left out: ${leftOut.join('; ')}`);
  }
  if (inTurn !== undefined) noteMisfits(inTurn, notes);
  for (const { target, unanswered } of [...chosen, ...(inTurn?.fitting ?? [])]) {
    // A pooler may accept every login of the storm while no database is up.
    if (unanswered !== undefined) throw describeUnanswered(target, unanswered);
  }
  const driver = strictestDriver(group);
  const prepare = (visited: Preflight): Preflight => {
    for (const { variant, plan } of group) {
      blameVariant(variant, () => checkPlanFits(plan.connection, visited.target));
    }
    const [found, settled] = settleSslMode(visited, driver);
    if (settled !== undefined) notes.note(settled);
    if (found.server.pooler === true) notePooler(group, notes);
    return found;
  };
  const prepareAll = ([one, ...others]: Visited['found']): Visited['found'] => [
    prepare(one),
    ...others.map(prepare),
  ];
  const found = prepareAll(chosen);
  if (inTurn === undefined) return group.map((planned) => ({ ...planned, found })).map(countOnce);
  const fitting = prepareAll(inTurn.fitting);
  const [first, ...rest] = inTurn.hosts.map((host) => prepareTurn(host, prepare, fitting[0]));
  return group
    .map((planned): Visited => {
      const isInTurn = choosesEachTime(planned) && first !== undefined;
      return isInTurn
        ? { ...planned, found: fitting, turns: [first, ...rest] }
        : { ...planned, found };
    })
    .map(countOnce);
}

/** Returns a variant of a group; all but the first do not count the sessions of the visit. */
function countOnce(visited: Visited, at: number): Visited {
  return at === 0 ? visited : changeVisits(visited, forgetVisits);
}

function choosesEachTime({ scenario }: Planned): boolean {
  return scenario.connection.hosts === 'each-attempt';
}

/** Settles one of the hosts. A host that could not be visited gets the findings of `known`. */
function prepareTurn(
  { host, visited, problem }: HostsInTurn['hosts'][number],
  prepare: (visited: Preflight) => Preflight,
  known: Preflight,
): TurnHost {
  const why = problem === undefined ? {} : { problem };
  if (visited === undefined) {
    return { target: { ...host.target, sslmode: known.target.sslmode }, ...why };
  }
  const settled = prepare(visited);
  return { target: settled.target, visited: settled, ...why };
}

function noteMisfits({ hosts }: HostsInTurn, notes: Notes): void {
  const problems = hosts.flatMap(({ problem }) => problem ?? []);
  if (problems.length === 0) return;
  notes.note(`clients also try these hosts, which do not fit now: ${problems.join('; ')}`);
}

/** Notes a pooler. It is a warning if a variant sends no query, because then only the pooler's answer is measured. */
function notePooler(group: readonly Planned[], notes: Notes): void {
  const isAnswered = group.every(({ plan }) => plan.connection.queries > 0);
  if (isAnswered) notes.note(WITH_QUERY);
  else notes.warn(NO_QUERY);
}

/**
 * Returns the driver whose needs decide sslmode for all variants of a target. If a wire variant sent an SSLRequest and
 * a pg variant did not, they would differ in more than the driver: by a round trip and by what ends `spawn`.
 */
function strictestDriver(group: readonly Planned[]): DriverName {
  return group.some(({ plan }) => plan.driver === 'pg') ? 'pg' : 'wire';
}
