import { availableParallelism } from 'node:os';
import { estimateUs } from '../../analysis/search/settings.ts';
import { formatCounted } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import { findCapWarnings } from '../../scenario/plan/cap-warnings.ts';
import { findFloodWarning } from '../../scenario/plan/flood-warning.ts';
import type { Plan } from '../../scenario/plan/plan.ts';
import { describeSearch } from '../../scenario/plan/search.ts';
import { planWatch } from '../../scenario/schema/kill-switch-schema.ts';
import { decideMaxInFlight } from '../../targets/visit/limits.ts';
import { blameTargetOf, blameVariant } from '../blame-variant.ts';
import { foreseeComparison } from '../foresee/foresee-comparison.ts';
import { noteLimits } from '../foresee/note-limits.ts';
import { createNotes, type Notes } from '../notes.ts';
import type { Assigned } from '../place/assign-targets.ts';
import type { RunRequest } from '../request.ts';
import { confirmStorms } from './consent.ts';
import { followTargets } from './follow-targets.ts';
import { tellOfSilence } from './note-while-slow.ts';
import type { Prepared } from './prepared.ts';
import { settleServerTimes } from './settle-server-times.ts';
import { type Visited, visitTarget } from './visit-target.ts';

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
  const members = followTargets(request, assigned, notes);
  await confirmStorms(request, members, { isLab });

  const prepared = new Map<string, Prepared>();
  const targets = new Set(members.map((member) => member.resolved));
  for (const resolved of targets) {
    const group = members.filter((member) => member.resolved === resolved);
    const role = targets.size > 1 ? resolved.hosts[0]?.target.role : undefined;
    const own = role === undefined ? notes : notes.of(role);
    const visiting = visitTarget(group, request.stop, own);
    const telling = tellOfSilence(resolved, visiting, {
      isTerminal: request.stderr.isTTY === true,
      tell: (text) => request.observer.note(text, 'progress'),
    });
    const visited = await blameTargetOf(role, telling);
    const limited = limitInFlight(request, visited, own, { isLab });
    const planTimes = await settleServerTimes(visited, request.stop, own);
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

function describeForComparison({ name, scenario, plan, found: [{ target, server }] }: Prepared) {
  const { connection, search } = plan;
  const { queries } = connection;
  const isSearch = search !== undefined;
  return { name, spec: scenario, queries, isSearch, role: target.role, target, server };
}

function describeSearchTime({ search }: Plan): string | undefined {
  if (search === undefined) return undefined;
  const about = formatSpan(Math.round(estimateUs(describeSearch(search)) / 1e6) * 1e6);
  return `the search takes about ${about}, at most ${formatSpan(search.maxDurationUs)}`;
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
    const unread = found.flatMap(({ server }) => findUnread(server))[0];
    const request = {
      asked: plan.maxInFlight,
      askedFrom: 'load.maxInFlight',
      slots: known.sort((a, b) => a.free - b.free)[0] ?? null,
      hosts: found.length,
      ...(unread === undefined ? {} : { unread }),
      ...(reserve === undefined ? {} : { reserve }),
      beyondSlots,
      // What may be a pooler has other limits than the server behind it.
      exempt: isLab || found.every(({ server }) => server.pooler !== false),
    };
    const { maxInFlight, reason, cure } = blameVariant(member.variant, () =>
      decideMaxInFlight(request),
    );
    const isGuess = request.slots !== null && found.some(({ server }) => server.pooler === null);
    const isBetween = found.some(({ server }) => server.between === true);
    const doubted = isBetween ? SOMETHING_BETWEEN : POOLER_DOUBT;
    const doubt = isGuess && plan.maxInFlight === undefined ? doubted : '';
    const note = `at most ${formatCounted(maxInFlight, 'attempt')} in flight: ${reason}${doubt}`;
    const isBeyondSlots = beyondSlots && plan.maxInFlight !== undefined;
    const isUnread = request.slots === null && unread !== undefined;
    return {
      limited: { ...member, maxInFlight, inFlightCure: cure, isBeyondSlots },
      note,
      isUnread,
    };
  });
  // What nobody could read may be far less.
  const tell = decided.some(({ isUnread }) => isUnread) ? notes.warnEach : notes.tellEach;
  tell(decided.map(({ limited, note }) => [limited.name, note]));
  if (beyondSlots && decided.every(({ limited }) => !limited.isBeyondSlots)) {
    notes.warn(BEYOND_NOTHING);
  }
  return decided.map(({ limited }) => limited);
}

/** Why the slots of a server are not known that may well have limits. */
function findUnread({ pooler, unread }: Visited['found'][number]['server']): string[] {
  if (pooler === true || unread === undefined) return [];
  return [unread.slots ?? unread.settings ?? 'the reason is unknown'];
}

const POOLER_DOUBT =
  '; it cannot be seen whether a pooler is in between: if there is one, load.maxInFlight may ask for more';
const SOMETHING_BETWEEN =
  '; the server sees connstorm at another port than its own, so address translation, a proxy or a pooler is in between: if it is a pooler, load.maxInFlight may ask for more';
const BEYOND_NOTHING =
  '--beyond-slots has no effect: it allows a load.maxInFlight above the free slots, and none is set';

function tellOfWarmUp({ loaded: { warmUpUs } }: RunRequest, notes: Notes): void {
  if (warmUpUs === 0) return;
  notes.tell(
    `warm-up: ${formatSpan(warmUpUs)} of the same load before each leg; it is not measured`,
  );
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
  'the kill switch watches with two connections of its own (killSwitch=false switches it off)';

/** Every worker needs a share of every cap, or what comes to it could never begin. */
function findSmallestCap({ blocks }: Plan, maxInFlight: number): number {
  const caps = blocks.flatMap((block) => [block.maxInFlight ?? maxInFlight, block.maxOpen]);
  return Math.min(maxInFlight, ...caps.filter((cap) => cap !== undefined));
}

/** Threads that connect, where nobody says: half of the CPUs, the server may need the others; never more than four. */
function chooseWorkers(): number {
  return Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));
}
