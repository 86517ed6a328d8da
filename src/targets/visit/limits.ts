import { formatCounted, nounOf } from '../../counted.ts';
import { UsageError } from '../../errors.ts';
import { type LowerLimit, RAISE } from '../../model/slot-limits.ts';

/** Connection slots of a server, as far as they concern the role that logs in. */
export interface Slots {
  /** max_connections; below 1 the server has no such limit, and `lower` is all that bounds connections. */
  max: number;
  /** Of these, kept for superusers and privileged roles, where this role is none of them. */
  reserved: number;
  /** Taken by others now. */
  used: number;
  /** What is left to this role: the least that max_connections and the limits of the role and the database allow. */
  free: number;
  /** Absent: max_connections leaves the least. */
  lower?: LowerLimit;
}

/** Slots that the kill switch takes at its server: the canary's and the witness's. */
export const WATCH_SLOTS = 2;
/** Slots that are left to others, and to the kill switch, unless `--reserve` says otherwise. */
export const DEFAULT_RESERVE = 10;
/** maxInFlight where no limit is known. */
const UNLIMITED_MAX_IN_FLIGHT = 500;

export interface InFlightRequest {
  /** As the scenario or a flag asks. */
  asked: number | undefined;
  /** The fields that ask, as paths for `--set`: one for each block, at least one. Together they ask for `asked`. */
  askedFrom: readonly string[];
  /** null: the target reveals no limit. */
  slots: Slots | null;
  /** Why `slots` are null though the target may have limits: they could not be read. Absent: it reveals none. */
  unread?: string;
  /** How many servers the attempts are spread over; 1 unless told. `slots` are then those of the one with the fewest free. */
  hosts?: number;
  reserve?: number;
  /** Further slots that the pooler of the lab may take; absent: none. */
  poolSlots?: number;
  /** The kill switch is on, and takes slots of its own from the reserve. */
  isWatched: boolean;
  /** More than the free slots may be asked for (`--beyond-slots`); absent: it may not. */
  beyondSlots?: boolean;
  /** The lab, or a pooler: may be asked for more than it has. */
  exempt: boolean;
}

/**
 * How many attempts may be in flight at once, and why. Unless told, the server's free slots less the reserve, or
 * 500 where no limit is known. Throws UsageError where more is asked than that and `beyondSlots` does not allow it, or nothing
 * would be left.
 *
 * Over several servers the fewest free slots of one hold for all together, because attempts pile up at the slowest; who
 * asks for more may have as much for each.
 */
export function decideMaxInFlight(request: InFlightRequest): InFlightDecision {
  const { asked, slots, exempt, hosts = 1 } = request;
  const reserve = chooseReserve(request);
  if (asked !== undefined && (exempt || slots === null)) {
    return { maxInFlight: asked, reason: describeAsker(request), cure: RAISE_CAP };
  }
  if (slots === null) {
    const { unread } = request;
    const reason =
      unread === undefined
        ? 'the target reports no limit'
        : `the limits of the target could not be read (${unread}), and may be lower than this: set load.maxInFlight`;
    return { maxInFlight: UNLIMITED_MAX_IN_FLIGHT, reason, cure: RAISE_CAP };
  }
  if (asked !== undefined) return followAsked({ ...request, asked, slots, hosts, reserve });
  const allowed = slots.free - reserve.slots;
  if (allowed < 1 && !exempt) throw refuseFull(slots, reserve);
  const reason = `${describeSlots(slots, hosts)}, minus ${reserve.text}`;
  return { maxInFlight: Math.max(1, allowed), reason, cure: describeMoreSlots(slots) };
}

/** Slots of each server that the storm leaves free. */
interface Reserve {
  slots: number;
  /** The fewest that a `--reserve` can leave. */
  least: number;
  text: string;
}

function chooseReserve(request: InFlightRequest): Reserve {
  const { reserve = DEFAULT_RESERVE, poolSlots = 0, isWatched } = request;
  const watched = isWatched ? WATCH_SLOTS : 0;
  const pool = poolSlots === 0 ? '' : ` and ${poolSlots} for the lab's pooler`;
  const slots = Math.max(reserve, watched) + poolSlots;
  const own = reserve >= watched ? `a reserve of ${reserve}` : `${watched} for the kill switch`;
  return { slots, least: watched + poolSlots, text: `${own}${pool}` };
}

function describeAsker({ askedFrom }: Pick<InFlightRequest, 'askedFrom'>): string {
  return askedFrom.length === 1 ? `${askedFrom[0]} asks for it` : `${OF_BLOCKS} ask for it`;
}

const OF_BLOCKS = 'the maxInFlight of all blocks';

export interface InFlightDecision {
  maxInFlight: number;
  /** Where the number comes from. */
  reason: string;
  /** What to change where it is too few: never what would be refused. */
  cure: string;
}

const RAISE_CAP = 'raise maxInFlight';

function describeMoreSlots({ lower }: Slots): string {
  return `lower the load, or ${RAISE[lower?.of ?? 'server']}`;
}

type Asked = Omit<InFlightRequest, 'reserve'> & {
  asked: number;
  slots: Slots;
  hosts: number;
  reserve: Reserve;
};

function followAsked(request: Asked): InFlightDecision {
  const { asked, slots, hosts, reserve, beyondSlots } = request;
  const allowed = (slots.free - reserve.slots) * hosts;
  if (asked <= allowed) {
    const cure = asked < allowed ? RAISE_CAP : describeMoreSlots(slots);
    return { maxInFlight: asked, reason: describeAsker(request), cure };
  }
  if (beyondSlots !== true) throw refuseAsked(request);
  const reason = `${describeAsker(request)}, beyond ${describeSlots(slots, hosts)} (--beyond-slots): the target may refuse other clients`;
  return { maxInFlight: asked, reason, cure: RAISE_CAP };
}

/** Following any of the ways that it names leads to a run that is not refused for its slots again. */
function refuseAsked(request: Asked): UsageError {
  const { asked, askedFrom, slots, hosts, reserve } = request;
  const ways = listWays(request).join(', or ');
  const total =
    askedFrom.length === 1
      ? `${askedFrom[0]} of ${asked} is`
      : `${OF_BLOCKS} together is ${asked},`;
  return new UsageError(
    'MAX_IN_FLIGHT',
    `${total} more than the target allows (${describeSlots(slots, hosts)}, minus ${reserve.text}): ${ways}`,
  );
}

function listWays({ asked, askedFrom, slots, hosts, reserve }: Asked): string[] {
  const allowed = (slots.free - reserve.slots) * hosts;
  const most = (slots.free - reserve.least) * hosts;
  const least = Math.max(1, askedFrom.length);
  const ask = (most: number): string => `at most ${most} (${describeSetting(askedFrom, most)})`;
  const isRoomFor = asked <= most;
  const less = allowed < least ? [] : [`ask for ${ask(allowed)}`];
  const smaller = reserve.slots > reserve.least;
  if (isRoomFor)
    return [...less, `allow it with --reserve ${slots.free - Math.ceil(asked / hosts)}`];
  const all =
    smaller && most >= least
      ? [`${less.length === 0 ? 'ask ' : ''}for ${ask(most)} with --reserve ${reserve.least}`]
      : [];
  return [...less, ...all, BEYOND];
}

/** The flags that make all blocks together ask for at most so many. */
function describeSetting(fields: readonly string[], most: number): string {
  const each = Math.floor(most / fields.length);
  return fields.map((field) => `--set ${field}=${each}`).join(' ');
}

const BEYOND = 'storm a server of your own beyond its slots with --beyond-slots';

function refuseFull(slots: Slots, reserve: Reserve): UsageError {
  const way =
    slots.free <= reserve.least
      ? `free connections or ${RAISE[slots.lower?.of ?? 'server']}`
      : `allow the storm some of them with --reserve ${slots.free - 1} or less`;
  return new UsageError(
    'MAX_IN_FLIGHT',
    `the target has no room for a storm (${describeSlots(slots)}, minus ${reserve.text}): ${way}`,
  );
}

function describeSlots({ max, reserved, used, free, lower }: Slots, hosts = 1): string {
  const most =
    max < 1 ? 'no max_connections' : `max_connections ${max}, ${reserved} reserved by the server`;
  const numbers = `${most}, ${used} used`;
  const limited =
    lower === undefined
      ? ''
      : `; the ${lower.of}'s connection limit leaves fewer: ${lower.limit}, ${lower.used} used`;
  const where = hosts === 1 ? '' : ` at the fullest of ${formatCounted(hosts, 'host')}`;
  return `${free} free ${nounOf(free, 'slot')}${where}: ${numbers}${limited}`;
}
