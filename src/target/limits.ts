import { formatCounted, nounOf } from '../counted.ts';
import { UsageError } from '../errors.ts';
import { type LowerLimit, RAISE } from '../result/slot-limits.ts';

/** Connection slots of a server, as far as they concern the role that logs in. */
export interface Slots {
  /** max_connections. */
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
  /** How many servers the attempts are spread over; 1 unless told. `slots` are then those of the one with the fewest free. */
  hosts?: number;
  reserve?: number;
  /** The lab, or a pooler: may be asked for more than it has. */
  exempt: boolean;
}

/**
 * How many attempts may be in flight at once, and why. Unless told, the server's free slots less the reserve, or
 * 500 where no limit is known. Throws UsageError where more is asked than that, or nothing would be left.
 *
 * Over several servers the fewest free slots of one hold for all together, because attempts pile up at the slowest; who
 * asks for more may have as much for each.
 */
export function decideMaxInFlight(request: InFlightRequest): {
  maxInFlight: number;
  reason: string;
} {
  const { asked, slots, exempt, askedFrom, hosts = 1, reserve = DEFAULT_RESERVE } = request;
  if (asked !== undefined && (exempt || slots === null)) {
    return { maxInFlight: asked, reason: `${askedFrom} asks for it` };
  }
  if (slots === null) {
    return { maxInFlight: UNLIMITED_MAX_IN_FLIGHT, reason: 'the target reveals no limit' };
  }
  const allowed = slots.free - reserve;
  if (asked !== undefined) {
    if (asked > allowed * hosts) throw refuseAsked(asked, askedFrom, slots, hosts, reserve);
    return { maxInFlight: asked, reason: `${askedFrom} asks for it` };
  }
  if (allowed < 1 && !exempt) throw refuseFull(slots, reserve);
  const reason = `${describeSlots(slots, hosts)}, less a reserve of ${reserve}`;
  return { maxInFlight: Math.max(1, allowed), reason };
}

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
    `${askedFrom} of ${asked} is more than the target allows (${describeSlots(slots, hosts)}, less a reserve of ${reserve}): ask for at most ${allowed}${reserve === 0 ? '' : more}`,
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
  const numbers = `max_connections ${max}, ${reserved} reserved, ${used} used`;
  const limited =
    lower === undefined
      ? ''
      : `; the ${lower.of}'s connection limit leaves less: ${lower.limit}, ${lower.used} used`;
  const where = hosts === 1 ? '' : ` at the fullest of ${formatCounted(hosts, 'host')}`;
  return `${free} free ${nounOf(free, 'slot')}${where}: ${numbers}${limited}`;
}
