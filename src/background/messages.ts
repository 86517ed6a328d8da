import type { Endpoint } from '../drivers/endpoint.ts';
import type { BackgroundRecord } from '../result/records/background.ts';
import type { ActivityPlan } from '../scenario/plan/beside/background.ts';

/** One activity, and what was decided about it before the run. */
export interface ActivityOrder {
  plan: ActivityPlan;
  /** Why fewer connections are held than the scenario asks for, and how many it asks for; absent: as many. */
  reduced?: { asked: number; reason: string };
}

/** Orders for the thread of a leg's activities. */
export interface BackgroundInput {
  activities: readonly ActivityOrder[];
  endpoint: Endpoint;
  /** Whether a login like the storm's was encrypted by TLS. */
  isEncrypted: boolean;
  timeoutUs: number;
  isReadOnly: boolean;
  /** The longest time that opening may take. */
  mostOpeningUs: number;
  /** Whether the target's host is this machine, so that its free memory is seen. */
  seesHost: boolean;
  /** Acts are due until then, in microseconds since T0; null: until the load has ended. */
  untilUs: number | null;
}

/** Messages to the thread. */
export type BackgroundOrder =
  /** T0 on the clock of `readMonotonicUs`. */
  | { type: 'begin'; t0Us: number }
  /** `atOnce`: acts under way are not waited for. */
  | { type: 'stop'; atOnce: boolean };

export type BackgroundMessage =
  /** All activities are open. */
  | { type: 'opened' }
  /** One cannot work. */
  | { type: 'refused'; reason: string }
  | { type: 'told'; record: BackgroundRecord };
