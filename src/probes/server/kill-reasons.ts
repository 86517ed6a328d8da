import { describeFailure } from '../../failure-text.ts';
import { isDownSign } from '../../model/down-signs.ts';
import type { Failure } from '../../model/measures.ts';
import { adviseOnSlots, isSlotRefusal } from '../../model/slot-refusals.ts';
import { DEAD_AFTER } from './slowness.ts';

/** Texts of why the kill switch ends a run: one line each, with how to go on. */

export function describeRefusal(failure: Failure): string {
  const what = `new connections beside the storm are refused (${describeFailure(failure)})`;
  if (!isSlotRefusal(failure)) return `${what}: wait until the target accepts connections`;
  const room = `${adviseOnSlots(failure.message)}, limit what may be open at once (load.maxInFlight, and load.maxOpen for connections that are held), or shorten connection.hold`;
  return `${what}: ${room}. If nobody else needs the target, set load.maxInFlight and --beyond-slots to continue in spite of refusals`;
}

export function describeShutOut(failure: Failure): string {
  const what = `new connections beside the storm have failed ${DEAD_AFTER} times in a row (${describeFailure(failure)})`;
  if (isDownSign(failure))
    return `${what}: the target is down or restarting; run it again when it is up`;
  return `${what}: lower the load, or check what refuses them (a proxy at its limit, a server that went down)`;
}

export function describeDeath(reason: string): string {
  const isEnded = ENDED_BY_SERVER.test(reason);
  const how = isEnded
    ? 'the server was stopped or restarted, or somebody ended the session; run it again when it is up'
    : 'it, or a proxy or the server behind it, may have gone down; look into their logs for the reason';
  return `the canary lost its connection (${reason}): ${how}`;
}

/**
 * SQLSTATEs of a server that is shutting down, has crashed or is starting, and of a session that an administrator
 * ended.
 */
const ENDED_BY_SERVER = /\b57P0[1-5]\b/;

/** Describes slowness. `reason`: the text from KillSwitch, which names the limit. */
export function describeSlowness(reason: string): string {
  return `${reason}: see whether the target still answers (connstorm inspect); if it does, lower the load, or raise that limit`;
}

export const NOT_BACK =
  'the canary lost its connection in an event of the scenario, and could not connect again in the time that the event allows: see why the target is not back, or set a longer allow';
