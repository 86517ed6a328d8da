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

/** Slots that are left to others unless `--reserve` says otherwise. */
export const DEFAULT_RESERVE = 10;
/** maxInFlight where no limit is known. */
const UNLIMITED_MAX_IN_FLIGHT = 500;

export interface InFlightRequest {
  /** As the scenario or a flag asks. */
  asked: number | undefined;
  /** Who asks, for the message: `load.maxInFlight`, `--max-in-flight`. */
  askedFrom: string;
  /** null: the target reveals no limit. */
  slots: Slots | null;
  /** Why `slots` are null though the target may have limits: they could not be read. Absent: it reveals none. */
  unread?: string;
  /** How many servers the attempts are spread over; 1 unless told. `slots` are then those of the one with the fewest free. */
  hosts?: number;
  reserve?: number;
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
  const { asked, slots, exempt, askedFrom, hosts = 1, reserve = DEFAULT_RESERVE } = request;
  if (asked !== undefined && (exempt || slots === null)) {
    return { maxInFlight: asked, reason: `${askedFrom} asks for it`, cure: RAISE_CAP };
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
  const allowed = slots.free - reserve;
  if (allowed < 1 && !exempt) throw refuseFull(slots, reserve);
  const reason = `${describeSlots(slots, hosts)}, less a reserve of ${reserve}`;
  return { maxInFlight: Math.max(1, allowed), reason, cure: describeMoreSlots(slots) };
}

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

type Asked = InFlightRequest & { asked: number; slots: Slots; hosts: number; reserve: number };

function followAsked({ asked, askedFrom, slots, hosts, reserve, beyondSlots }: Asked) {
  const allowed = (slots.free - reserve) * hosts;
  if (asked <= allowed) {
    const cure = asked < allowed ? RAISE_CAP : describeMoreSlots(slots);
    return { maxInFlight: asked, reason: `${askedFrom} asks for it`, cure };
  }
  if (beyondSlots !== true) throw refuseAsked(asked, askedFrom, slots, hosts, reserve);
  const reason = `${askedFrom} asks for it, beyond ${describeSlots(slots, hosts)} (--beyond-slots): the target may refuse other clients`;
  return { maxInFlight: asked, reason, cure: RAISE_CAP };
}

const BEYOND = ', or storm a server of your own beyond its slots with --beyond-slots';

function refuseAsked(
  asked: number,
  askedFrom: string,
  slots: Slots,
  hosts: number,
  reserve: number,
): UsageError {
  const allowed = Math.max(0, slots.free - reserve) * hosts;
  const free = slots.free * hosts;
  const more =
    asked <= free
      ? `, or allow it with --reserve ${slots.free - Math.ceil(asked / hosts)}`
      : `, or ${free} with --reserve 0`;
  return new UsageError(
    'MAX_IN_FLIGHT',
    `${askedFrom} of ${asked} is more than the target allows (${describeSlots(slots, hosts)}, less a reserve of ${reserve}): ask for at most ${allowed}${reserve === 0 ? '' : more}${asked <= free ? '' : BEYOND}`,
  );
}

function refuseFull(slots: Slots, reserve: number): UsageError {
  const way =
    slots.free < 1
      ? `free connections or ${RAISE[slots.lower?.of ?? 'server']}`
      : `allow the storm some of them with --reserve ${Math.max(0, slots.free - 1)} or less`;
  return new UsageError(
    'MAX_IN_FLIGHT',
    `the target has no room for a storm (${describeSlots(slots)}, less a reserve of ${reserve}): ${way}`,
  );
}

function describeSlots({ max, reserved, used, free, lower }: Slots, hosts = 1): string {
  const most = max < 1 ? 'no max_connections' : `max_connections ${max}, ${reserved} reserved`;
  const numbers = `${most}, ${used} used`;
  const limited =
    lower === undefined
      ? ''
      : `; the ${lower.of}'s connection limit leaves less: ${lower.limit}, ${lower.used} used`;
  const where = hosts === 1 ? '' : ` at the fullest of ${formatCounted(hosts, 'host')}`;
  return `${free} free ${nounOf(free, 'slot')}${where}: ${numbers}${limited}`;
}
