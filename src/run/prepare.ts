import { availableParallelism } from 'node:os';
import { estimateUs } from '../analysis/search/settings.ts';
import { formatCounted } from '../counted.ts';
import type { ServerTimesPlan } from '../drivers/server-times.ts';
import { formatSpan } from '../duration-text.ts';
import { UsageError } from '../errors.ts';
import { findCapWarnings } from '../scenario/cap-warnings.ts';
import { findFloodWarning } from '../scenario/flood-warning.ts';
import { planWatch, type WatchLimits } from '../scenario/kill-switch-schema.ts';
import { type Plan, planRun } from '../scenario/plan.ts';
import { isSearch } from '../scenario/quick.ts';
import { followConnectTimeout } from '../target/connect-timeout.ts';
import { describeServer } from '../target/describe.ts';
import { decideMaxInFlight } from '../target/limits.ts';
import type { ResolvedTarget } from '../target/resolve.ts';
import type { Assigned } from './assign-targets.ts';
import { blameTargetOf, blameVariant } from './blame-variant.ts';
import { confirmStorms } from './consent.ts';
import { describeSearch } from './describe-search.ts';
import { foreseeComparison } from './foresee-comparison.ts';
import { noteLimits } from './note-limits.ts';
import { noteWhileSlow } from './note-while-slow.ts';
import { createNotes, type Notes } from './notes.ts';
import type { RunRequest } from './request.ts';
import { settleServerTimes } from './settle-server-times.ts';
import { type Member, type Visited, visitTarget } from './visit-target.ts';

/** A variant that is ready to be run. */
export interface Prepared extends Visited {
  maxInFlight: number;
  /** What to change where that is too few. */
  inFlightCure: string;
  workers: number;
  /** How long its load comes before each leg and is not measured; 0: not at all. */
  warmUpUs: number;
  serverTimes: ServerTimesPlan;
  /** The kill switch's limits; undefined: there is none. */
  watch: WatchLimits | undefined;
  /** A storm beyond the slots on purpose: that others are refused for want of them does not stop it. */
  isBeyondSlots: boolean;
  /** The target is looked at while it is stormed, and its host as well. */
  hasProbes: boolean;
  seesHost: boolean;
}

/** Where a scenario without variants is repeated. */
const NAMELESS = 'base';

/**
 * Everything before the first storm: consent once for all of it, then one look at each target, then what follows from
 * that for each variant. Throws ConnstormError for whatever keeps any of them from being run.
 */
export async function prepareVariants(
  request: RunRequest,
  assigned: readonly Assigned[],
  { isLab }: { isLab: boolean },
): Promise<Prepared[]> {
  const notes = createNotes(request.observer);
  refuseRepeatedSearch(request);
  const members = followTargets(request, assigned, notes);
  for (const { resolved } of members) for (const warning of resolved.warnings) notes.warn(warning);
  await confirmStorms(request, members, { isLab });

  const prepared = new Map<string, Prepared>();
  const targets = new Set(members.map((member) => member.resolved));
  for (const resolved of targets) {
    const group = members.filter((member) => member.resolved === resolved);
    const role = targets.size > 1 ? resolved.hosts[0]?.target.role : undefined;
    const visiting = visitTarget(group, request.stop, notes);
    const visited = await blameTargetOf(role, tellOfSilence(request, resolved, visiting));
    for (const member of visited) refuseSpreadSearch(member);
    const limited = limitInFlight(request, visited, notes, { isLab });
    const planTimes = await settleServerTimes(visited, request.stop, notes);
    for (const member of limited) {
      const { name, scenario, plan, maxInFlight } = member;
      const workers = Math.min(
        scenario.workers ?? chooseWorkers(),
        findSmallestCap(plan, maxInFlight),
      );
      // The lab has no others.
      const watch = planWatch(scenario.killSwitch, { isOn: !isLab });
      const { probes = plan.search !== undefined } = scenario;
      const seesHost = typeof probes === 'boolean' ? probes : probes.host;
      const serverTimes = planTimes(plan);
      prepared.set(name, {
        ...member,
        workers,
        warmUpUs: request.loaded.warmUpUs,
        watch,
        hasProbes: probes !== false,
        seesHost,
        serverTimes,
      });
    }
  }
  tellOfWarmUp(request, notes);
  tellOfCaps([...prepared.values()], notes);
  notes.tellEach([...prepared.values()].map(({ name, plan }) => [name, describeSearchTime(plan)]));
  const ready = members.flatMap(({ name }) => prepared.get(name) ?? []);
  noteLimits(ready, notes);
  const foreseen = foreseeComparison(ready.map(describeForComparison), request.loaded);
  for (const warning of foreseen) notes.warn(warning);
  return ready;
}

/** A server may be silent until the timeout: a person at a terminal learns what is waited for. */
function tellOfSilence<T>(
  { stderr, observer }: RunRequest,
  { hosts }: ResolvedTarget,
  visiting: Promise<T>,
): Promise<T> {
  if (stderr.isTTY !== true) return visiting;
  const servers = hosts.map(({ target }) => describeServer(target)).join(', ');
  return noteWhileSlow(visiting, () => observer.note(`logging in to ${servers}…`, 'progress'));
}

function describeForComparison({ name, scenario, plan, found: [{ target, server }] }: Prepared) {
  const { connection, search } = plan;
  const { queries } = connection;
  const isSearch = search !== undefined;
  return { name, spec: scenario, queries, isSearch, role: target.role, target, server };
}

/** Steps are numbered in a leg; and each rate near the knee is tried several times anyway. */
export function refuseRepeatedSearch({ loaded: { repeat, variants } }: RunRequest): void {
  if (repeat === 1 || !variants.some(({ scenario }) => isSearch(scenario))) return;
  const message = `repeat does not go with saturation-search, which tries each rate several times itself (load.trials): leave it at 1, got ${repeat}`;
  throw new UsageError('SEARCH_REPEATED', message);
}

function refuseSpreadSearch({ plan, found }: Visited): void {
  if (plan.search === undefined || found.length === 1) return;
  const message = `a saturation-search is of one server, and attempts would be spread over ${found.length}: name one host, or leave load_balance_hosts out`;
  throw new UsageError('SEARCH_SPREAD', message);
}

function describeSearchTime({ search }: Plan): string | undefined {
  if (search === undefined) return undefined;
  const about = formatSpan(Math.round(estimateUs(describeSearch(search)) / 1e6) * 1e6);
  return `the search takes about ${about}, ${formatSpan(search.maxDurationUs)} at most`;
}

/** Each variant as its target wants it run. */
export function followTargets(
  { loaded }: RunRequest,
  assigned: readonly Assigned[],
  notes: Notes,
): Member[] {
  const followed = assigned.map(({ variant, resolved }) => {
    const flagged = listFlagged(loaded.flagged ?? [], variant.name);
    const whole = { scenario: variant.scenario, flagged };
    const [{ scenario }, note] = blameVariant(variant.name, () =>
      followConnectTimeout(whole, resolved.connectTimeoutS),
    );
    const name = variant.name ?? NAMELESS;
    const plan = planRun(scenario);
    return { member: { name, variant: variant.name, scenario, plan, resolved }, note };
  });
  notes.warnEach(followed.map(({ member: { name }, note }) => [name, note]));
  return followed.map(({ member }) => member);
}

/** Paths of the fields of a variant that flags set: for all variants, or for it. */
function listFlagged(paths: readonly string[], variant: string | undefined): string[] {
  const own = `variants.${variant}.`;
  return paths.map((path) => (path.startsWith(own) ? path.slice(own.length) : path));
}

function limitInFlight(
  { reserve, beyondSlots = false }: RunRequest,
  visited: readonly Visited[],
  notes: Notes,
  { isLab }: { isLab: boolean },
): (Visited & Pick<Prepared, 'maxInFlight' | 'inFlightCure' | 'isBeyondSlots'>)[] {
  const decided = visited.map((member) => {
    const { plan, found } = member;
    const known = found.flatMap(({ server }) => server.slots ?? []);
    const request = {
      asked: plan.maxInFlight,
      askedFrom: 'load.maxInFlight',
      slots: known.sort((a, b) => a.free - b.free)[0] ?? null,
      hosts: found.length,
      ...(reserve === undefined ? {} : { reserve }),
      beyondSlots,
      // What may be a pooler has other limits than the server behind it.
      exempt: isLab || found.every(({ server }) => server.pooler !== false),
    };
    const { maxInFlight, reason, cure } = blameVariant(member.variant, () =>
      decideMaxInFlight(request),
    );
    const isGuess = request.slots !== null && found.some(({ server }) => server.pooler === null);
    const doubt = isGuess && plan.maxInFlight === undefined ? POOLER_DOUBT : '';
    const note = `at most ${formatCounted(maxInFlight, 'attempt')} in flight: ${reason}${doubt}`;
    const isBeyondSlots = beyondSlots && plan.maxInFlight !== undefined;
    return { limited: { ...member, maxInFlight, inFlightCure: cure, isBeyondSlots }, note };
  });
  notes.tellEach(decided.map(({ limited, note }) => [limited.name, note]));
  if (beyondSlots && decided.every(({ limited }) => !limited.isBeyondSlots)) {
    notes.warn(BEYOND_NOTHING);
  }
  return decided.map(({ limited }) => limited);
}

const POOLER_DOUBT =
  '; whether a pooler is in between cannot be told: where one is, load.maxInFlight may ask for more';
const BEYOND_NOTHING =
  '--beyond-slots changes nothing here: it allows a load.maxInFlight above the free slots, and none is set';

function tellOfWarmUp({ loaded: { warmUpUs } }: RunRequest, notes: Notes): void {
  if (warmUpUs === 0) return;
  notes.tell(`warm-up: ${formatSpan(warmUpUs)} of the same load before each leg, in no figure`);
}

function tellOfCaps(prepared: readonly Prepared[], notes: Notes): void {
  if (prepared.some(({ watch }) => watch !== undefined)) notes.tell(WATCH_NOTE);
  notes.warnEach(
    prepared.map(({ name, plan, maxInFlight, inFlightCure }) => {
      const flood = findFloodWarning(plan);
      const warnings = [
        ...findCapWarnings(plan, { maxInFlight, cure: inFlightCure }),
        ...(flood === undefined ? [] : [flood]),
      ];
      return [name, warnings.length === 0 ? undefined : warnings.join('\n')];
    }),
  );
}

const WATCH_NOTE =
  'the kill switch watches with two connections of its own (killSwitch=false does without)';

/** Every worker needs a share of every cap, or what comes to it could never begin. */
function findSmallestCap({ blocks }: Plan, maxInFlight: number): number {
  const caps = blocks.flatMap((block) => [block.maxInFlight ?? maxInFlight, block.maxOpen]);
  return Math.min(maxInFlight, ...caps.filter((cap) => cap !== undefined));
}

/** Threads that connect, where nobody says: half of the CPUs, the server may need the others; never more than four. */
function chooseWorkers(): number {
  return Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));
}
