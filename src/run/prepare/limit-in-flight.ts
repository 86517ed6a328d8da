import { formatCounted } from '../../counted.ts';
import { renderPath } from '../../scenario/file/field-path.ts';
import { listBlocks } from '../../scenario/schema/load-schema.ts';
import { decideMaxInFlight, findSlots, takeSlots } from '../../targets/visit/limits.ts';
import { blameVariant } from '../blame-variant.ts';
import type { Notes } from '../notes.ts';
import { limitBackground, sumSlots } from './limit-background.ts';
import { planKillSwitch } from './plan-kill-switch.ts';
import type { Limited, Visited } from './prepared.ts';

export interface SlotsRequest {
  /** Slots left to others; undefined: the usual number. */
  reserve: number | undefined;
  /** Further slots that are left to the lab's pooler. */
  poolSlots: number;
  /** Whether `load.maxInFlight` may exceed the free slots. */
  beyondSlots: boolean;
  isLab: boolean;
}

/**
 * Limits each variant's attempts in flight to what its servers still accept, and notes why.
 *
 * @throws UsageError, which names the variant, if it asks for more
 */
export function limitInFlight(
  visited: readonly Visited[],
  request: SlotsRequest,
  notes: Notes,
): Limited[] {
  const decided = visited.map((variant) => limitVariant(variant, request));
  // If the limits could not be read, they may be far lower.
  const noteAll = decided.some(({ isUnread }) => isUnread) ? notes.warnEach : notes.noteEach;
  noteAll(decided.map(({ limited, note }) => [limited.name, note]));
  notes.noteEach(decided.map(({ limited }) => [limited.name, describeFirstHost(limited)]));
  if (request.beyondSlots && decided.every(({ limited }) => !limited.isBeyondSlots)) {
    notes.warn(BEYOND_NOTHING);
  }
  return decided.map(({ limited }) => limited);
}

/** Decides the cap of one variant. `isUnread`: the server has slots that could not be read. */
function limitVariant(
  visited: Visited,
  { reserve, poolSlots, beyondSlots, isLab }: SlotsRequest,
): { limited: Limited; note: string; isUnread: boolean } {
  const { plan, turns } = visited;
  // Clients that choose their host may all end up at the same one, also at one that does not fit now.
  const found = turns?.flatMap((host) => host.visited ?? []) ?? visited.found;
  const known = found.flatMap(({ server }) => findSlots(server) ?? []);
  const unread = found.flatMap(({ server }) => findUnread(server))[0];
  const isServerUnread = found.some(
    ({ server }) => server.pooler !== true && server.unread !== undefined,
  );
  const free = known.sort((a, b) => a.free - b.free)[0] ?? null;
  // The activities use the first host alone.
  const [{ server: first }] = visited.found;
  const background = blameVariant(visited.variant, () =>
    limitBackground(plan.background, {
      slots: findSlots(first),
      reserve,
      maxInFlight: plan.maxInFlight,
      beyondSlots,
      isLab,
      poolSlots,
      isPooled: first.pooler === true,
    }),
  );
  const slots =
    free === null ? null : takeSlots(free, sumSlots(background.map(({ plan }) => plan)));
  const isPoolersOwn = slots?.of === 'pgbouncer';
  const { maxInFlight, reason, cure } = blameVariant(visited.variant, () =>
    decideMaxInFlight({
      asked: plan.maxInFlight,
      askedFrom: listCapFields(visited),
      slots,
      hosts: turns === undefined ? found.length : 1,
      ...(unread === undefined ? {} : { unread }),
      ...(reserve === undefined ? {} : { reserve }),
      // The pooler's connections to the server take none of its clients' slots.
      poolSlots: isPoolersOwn ? 0 : poolSlots,
      isPooled: found.some(({ server }) => server.pooler === true),
      isWatched: planKillSwitch(visited.scenario, { isLab }) !== undefined,
      beyondSlots,
      // If there may be a pooler whose limits are not known, they differ from those of the server behind it.
      exempt: isLab || (!isPoolersOwn && found.every(({ server }) => server.pooler !== false)),
    }),
  );
  const isGuess = slots !== null && found.some(({ server }) => server.pooler === null);
  const isBetween = found.some(({ server }) => server.between === true);
  const doubted = isBetween ? SOMETHING_BETWEEN : POOLER_DOUBT;
  const doubt = isGuess && plan.maxInFlight === undefined ? doubted : '';
  const isBeyondSlots = beyondSlots && plan.maxInFlight !== undefined;
  return {
    limited: { ...visited, background, maxInFlight, inFlightCure: cure, isBeyondSlots },
    note: `at most ${formatCounted(maxInFlight, 'attempt')} in flight: ${reason}${doubt}`,
    isUnread: slots === null && isServerUnread,
  };
}

/** Returns which of several hosts the activities beside the load use; undefined if there is one, or no activity. */
function describeFirstHost({ background, found, turns }: Limited): string | undefined {
  const [{ target }] = found;
  const isOne = Math.max(found.length, turns?.length ?? 1) === 1;
  if (background.length === 0 || isOne) return undefined;
  return `the activities beside the load use the first host only: ${target.host}:${target.port}`;
}

/** Lists the fields that can set the caps of a variant's blocks. */
function listCapFields({ variant, scenario: { load } }: Visited): string[] {
  const prefix = variant === undefined ? [] : ['variants', variant];
  return listBlocks<unknown>(load).map(({ path }) =>
    renderPath([...prefix, ...path, 'maxInFlight']),
  );
}

/** Returns why the slots of a server are not known, if it may well have limits. */
function findUnread({ pooler, unread }: Visited['found'][number]['server']): string[] {
  if (pooler === true) return unread?.clients === undefined ? [] : [unread.clients];
  if (unread === undefined) return [];
  return [unread.slots ?? unread.settings ?? 'the reason is unknown'];
}

const POOLER_DOUBT =
  '; it cannot be seen whether a pooler is in between: if there is one, load.maxInFlight may ask for more';
const SOMETHING_BETWEEN =
  '; the server sees connstorm at another port than its own, so address translation, a proxy or a pooler is in between: if it is a pooler, load.maxInFlight may ask for more';
const BEYOND_NOTHING =
  '--beyond-slots has no effect: it allows a load.maxInFlight above the free slots, and none is set';
