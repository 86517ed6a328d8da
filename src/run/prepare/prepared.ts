import type { ServerTimesPlan } from '../../drivers/protocol/server-times.ts';
import type { WatchLimits } from '../../scenario/schema/kill-switch-schema.ts';
import type { Visited } from './visit-target.ts';

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
