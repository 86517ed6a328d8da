import { formatCounted, nounOf } from '../../counted.ts';
import { UsageError } from '../../errors.ts';
import { type LowerLimit, RAISE } from '../../model/slot-limits.ts';
import type { ServerFindings } from '../../result/records/target.ts';

/** Connection slots of a server, for the role that logs in. */
export interface Slots {
  /** max_connections. Below 1 the server has no such limit, and only `lower` limits connections. */
  max: number;
  /** Slots reserved for superusers and privileged roles; 0 for a role that may use them. */
  reserved: number;
  /** Slots that others use now. */
  used: number;
  /** Slots left to this role: the least that max_connections and the limits of the role and the database allow. */
  free: number;
  /** Slots that the activities beside the load take; they are in `used` and not in `free`. Absent: none. */
  background?: number;
  /** The limit that leaves fewer connections than max_connections does; absent: there is none. */
  lower?: LowerLimit;
}

/** Slots that new clients meet. */
export interface AcceptedSlots extends Slots {
  /** PgBouncer's: `max` is its max_client_conn, and nothing is reserved. Absent: the server's. */
  of?: 'pgbouncer';
}

/**
 * Returns the slots that clients meet: a pooler's if one is known to be in between, else the server's. null: no limit is
 * known.
 */
export function findSlots({
  pooler,
  clients,
  slots,
}: Pick<ServerFindings, 'pooler' | 'clients' | 'slots'>): AcceptedSlots | null {
  if (pooler !== true) return slots;
  if (clients === undefined) return null;
  const { max, used } = clients;
  return { max, reserved: 0, used, free: Math.max(0, max - used), of: 'pgbouncer' };
}

/** Returns the slots that are left when the activities beside the load have taken theirs. */
export function takeSlots(slots: AcceptedSlots, background: number): AcceptedSlots {
  if (background === 0) return slots;
  const { used, free } = slots;
  return { ...slots, used: used + background, free: Math.max(0, free - background), background };
}

/** Slots that the kill switch uses: one for the canary, one for the witness. */
export const WATCH_SLOTS = 2;
/** Slots of PgBouncer that the connection to its console uses while it is sampled. */
const CONSOLE_SLOTS = 1;
/** Slots that are left to others and to the kill switch, unless `--reserve` sets another number. */
export const DEFAULT_RESERVE = 10;
/** maxInFlight if no limit is known. */
const UNLIMITED_MAX_IN_FLIGHT = 500;

export interface InFlightRequest {
  /** The number that the scenario or a flag asks for. */
  asked: number | undefined;
  /**
   * The fields that ask for it, as paths for `--set`: one for each block, at least one. Together they ask for `asked`.
   */
  askedFrom: readonly string[];
  /** null: no limit of the target is known. */
  slots: AcceptedSlots | null;
  /**
   * Why the slots could not be read, although the target or the pooler may have limits. Absent: the target reports no
   * limit.
   */
  unread?: string;
  /** Whether clients meet the limits of a pooler. Absent: they do not. */
  isPooled?: boolean;
  /**
   * Number of servers that the attempts are spread over; 1 by default. `slots` are then those of the server with the
   * fewest free ones.
   */
  hosts?: number;
  reserve?: number;
  /** Further slots that the pooler of the lab may take; absent: none. */
  poolSlots?: number;
  /** Whether the kill switch is on. It uses slots of the reserve. */
  isWatched: boolean;
  /** Whether more than the free slots may be asked for (`--beyond-slots`). Absent: it may not. */
  beyondSlots?: boolean;
  /** Whether the target may be asked for more than it has. True for the lab and for poolers. */
  exempt: boolean;
}

/**
 * Decides how many attempts may be in flight at once, and why. By default it is the server's free slots less the
 * reserve, or 500 if no limit is known. Behind PgBouncer the slots are those of its clients. Throws UsageError if more
 * is asked for and `beyondSlots` does not allow it, or if no slot would be left.
 *
 * With several servers, the fewest free slots of one server are the limit for all together, because attempts pile up at
 * the slowest. A scenario that asks for more may have that many for each server.
 */
export function decideMaxInFlight(request: InFlightRequest): InFlightDecision {
  const { asked, slots, exempt, hosts = 1 } = request;
  const reserve = chooseReserve(request);
  if (asked !== undefined && (exempt || slots === null)) {
    return { maxInFlight: asked, reason: describeAsker(request), cure: RAISE_CAP };
  }
  if (slots === null) {
    return {
      maxInFlight: UNLIMITED_MAX_IN_FLIGHT,
      reason: describeUnknown(request),
      cure: RAISE_CAP,
    };
  }
  if (asked !== undefined) return followAsked({ ...request, asked, slots, hosts, reserve });
  const allowed = slots.free - reserve.slots;
  if (allowed < 1 && !exempt) throw refuseFull(slots, reserve);
  const { text } = reserve;
  // A run against the lab, or against what may be a pooler, is not refused: it goes on with one attempt at a time.
  const reason =
    allowed < 1
      ? `${describeSlots(slots, hosts)}; nothing is left after ${text}, and 1 is the fewest that a run can have`
      : `${describeSlots(slots, hosts)}, minus ${text}`;
  return { maxInFlight: Math.max(1, allowed), reason, cure: describeMoreSlots(slots) };
}

function describeUnknown({ unread, isPooled = false }: InFlightRequest): string {
  if (isPooled) {
    const why = unread === undefined ? '' : `: ${unread}`;
    return `PgBouncer's console did not say how many clients the pooler accepts${why}. Set load.maxInFlight if that may be fewer, and load.maxOpen if connections are held`;
  }
  return unread === undefined
    ? 'the target reports no limit'
    : `the limits of the target could not be read (${unread}), and may be lower than this: set load.maxInFlight`;
}

/** Slots of each server that the storm leaves free. */
interface Reserve {
  slots: number;
  /** The fewest slots that `--reserve` can leave. */
  least: number;
  text: string;
}

function chooseReserve(request: InFlightRequest): Reserve {
  const { reserve = DEFAULT_RESERVE, poolSlots = 0, isWatched, slots: accepted } = request;
  const isConsoleOpen = accepted?.of === 'pgbouncer';
  const watched = (isWatched ? WATCH_SLOTS : 0) + (isConsoleOpen ? CONSOLE_SLOTS : 0);
  const pool = poolSlots === 0 ? '' : ` and ${poolSlots} for the lab's pooler`;
  const slots = Math.max(reserve, watched) + poolSlots;
  const users = isConsoleOpen ? 'for the kill switch and the console' : 'for the kill switch';
  const own = reserve >= watched ? `a reserve of ${reserve}` : `${watched} ${users}`;
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
  /** What to change if the number is too low. It names no change that would be refused. */
  cure: string;
}

const RAISE_CAP = 'raise maxInFlight';

function describeMoreSlots({ lower, of }: AcceptedSlots): string {
  return `lower the load, or ${RAISE[lower?.of ?? of ?? 'server']}`;
}

type Asked = Omit<InFlightRequest, 'reserve'> & {
  asked: number;
  slots: AcceptedSlots;
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

/**
 * Returns the error for too high a number. Each way out that it names leads to a run that is not refused for its slots
 * again.
 */
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

/** Returns the flags that make all blocks together ask for at most `most`. */
function describeSetting(fields: readonly string[], most: number): string {
  const each = Math.floor(most / fields.length);
  return fields.map((field) => `--set ${field}=${each}`).join(' ');
}

const BEYOND = 'storm a server of your own beyond its slots with --beyond-slots';

function refuseFull(slots: AcceptedSlots, reserve: Reserve): UsageError {
  const way =
    slots.free <= reserve.least
      ? `close other connections or ${RAISE[slots.lower?.of ?? slots.of ?? 'server']}`
      : `allow the storm some of them with --reserve ${slots.free - 1} or less`;
  return new UsageError(
    'MAX_IN_FLIGHT',
    `the target has no room for a storm (${describeSlots(slots)}, minus ${reserve.text}): ${way}`,
  );
}

function describeSlots(slots: AcceptedSlots, hosts = 1): string {
  const { used, free, lower, background = 0 } = slots;
  const most = describeMost(slots);
  const beside = background === 0 ? '' : `, ${background} of them by the background`;
  const numbers = `${most}, ${used} used${beside}`;
  const limited =
    lower === undefined
      ? ''
      : `; the ${lower.of}'s connection limit leaves fewer: ${lower.limit}, ${lower.used} used`;
  const where = hosts === 1 ? '' : ` at the fullest of ${formatCounted(hosts, 'host')}`;
  return `${free} free ${nounOf(free, 'slot')}${where}: ${numbers}${limited}`;
}

function describeMost({ max, reserved, of }: AcceptedSlots): string {
  if (of === 'pgbouncer') return `max_client_conn ${max}`;
  return max < 1
    ? 'no max_connections'
    : `max_connections ${max}, ${reserved} reserved by the server`;
}
