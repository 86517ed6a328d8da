import type { ServerTimesPlan } from '../../drivers/protocol/server-times.ts';
import type { Plan } from '../../scenario/plan/plan.ts';
import type { WatchLimits } from '../../scenario/schema/kill-switch-schema.ts';
import type { Scenario } from '../../scenario/schema/schema.ts';
import type { ResolvedTarget } from '../../targets/naming/resolved-target.ts';
import type { Preflight } from '../../targets/visit/preflight.ts';

// A variant on its way to being run. Each stage takes it as the stage before left it, and adds what it has found out.

/** Planned: the scenario as its target wants it run. Nothing is connected to yet. */
export interface Planned {
  /** As in the result. */
  name: string;
  /** As in the file; undefined where that has no variants. */
  variant: string | undefined;
  /** As it is run: the target's connect_timeout applied. */
  scenario: Scenario;
  plan: Plan;
  resolved: ResolvedTarget;
}

/** Visited: its servers were logged in to, and have answered. */
export interface Visited extends Planned {
  /** The servers to storm. */
  found: readonly [Preflight, ...Preflight[]];
}

/** Limited: what its servers still take bounds what may be in flight. */
export interface Limited extends Visited {
  maxInFlight: number;
  /** What to change where that is too few. */
  inFlightCure: string;
  /** A storm beyond the slots on purpose: that others are refused for want of them does not stop it. */
  isBeyondSlots: boolean;
}

/** Timed: it is known whether its server tells its own times of a connect. */
export interface Timed extends Limited {
  serverTimes: ServerTimesPlan;
}

/** Prepared: it has all that a leg needs. */
export interface Prepared extends Timed {
  workers: number;
  /** How long its load comes before each leg and is not measured; 0: not at all. */
  warmUpUs: number;
  /** Whether the scenario's own statements are sent in read-only transactions. */
  isReadOnly: boolean;
  /** The kill switch's limits; undefined: there is none. */
  watch: WatchLimits | undefined;
  /** The target is looked at while it is stormed, and its host as well. */
  hasProbes: boolean;
  seesHost: boolean;
}
