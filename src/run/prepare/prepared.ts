import type { ServerTimesPlan } from '../../drivers/protocol/server-times.ts';
import type { Plan } from '../../scenario/plan/plan.ts';
import type { WatchLimits } from '../../scenario/schema/kill-switch-schema.ts';
import type { Scenario } from '../../scenario/schema/schema.ts';
import type { ResolvedTarget } from '../../targets/naming/resolved-target.ts';
import type { Target } from '../../targets/target.ts';
import type { Preflight } from '../../targets/visit/preflight.ts';
import type { EventLab } from '../events/event-lab.ts';

// A variant while it is prepared for its run. Each stage takes it from the stage before, and adds what it found out.

/** Planned: the scenario was adapted to its target. Nothing is connected to yet. */
export interface Planned {
  /** The name in the result. */
  name: string;
  /** The name in the file; undefined if the file has no variants. */
  variant: string | undefined;
  /** The scenario that is run: the target's connect_timeout was applied. */
  scenario: Scenario;
  plan: Plan;
  resolved: ResolvedTarget;
}

/** Visited: its servers accepted a login and answered. */
export interface Visited extends Planned {
  /** The servers to storm. */
  found: readonly [Preflight, ...Preflight[]];
  /** All hosts, for clients that choose theirs at each connect; `found` are then those that fit. Absent: they do not. */
  turns?: readonly [TurnHost, ...TurnHost[]];
}

/** One of the hosts that clients take in turn. */
export interface TurnHost {
  target: Target;
  /** Absent: it could not be visited. */
  visited?: Preflight;
  /** Why it did not fit, one line; absent: it did. */
  problem?: string;
}

/** Limited: the free slots of its servers bound the attempts in flight. */
export interface Limited extends Visited {
  maxInFlight: number;
  /** What to change if `maxInFlight` is too low. */
  inFlightCure: string;
  /**
   * Whether the storm goes beyond the slots on purpose. The kill switch then ignores others that are refused for lack
   * of slots.
   */
  isBeyondSlots: boolean;
}

/** Timed: it is known whether its server reports its own times of a connect. */
export interface Timed extends Limited {
  serverTimes: ServerTimesPlan;
}

/** Prepared: it has everything that a leg needs. */
export interface Prepared extends Timed {
  workers: number;
  /** Length of the warm-up before each leg, in microseconds; 0: none. */
  warmUpUs: number;
  /** Whether the scenario's own statements are sent in read-only transactions. */
  isReadOnly: boolean;
  /** The kill switch's limits; undefined: there is no kill switch. */
  watch: WatchLimits | undefined;
  /** Whether the target is sampled while it is stormed; `seesHost`: its host as well. */
  hasProbes: boolean;
  seesHost: boolean;
  /** The lab that connstorm started for it; undefined: its target is another server. */
  lab: EventLab | undefined;
  /** End of the application_name of its sessions, by which an event knows them; undefined: no event needs it. */
  sessionMark: string | undefined;
}
