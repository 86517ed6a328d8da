import type { ActivityOrder } from '../../background/messages.ts';
import { formatCounted } from '../../counted.ts';
import { UsageError } from '../../errors.ts';
import {
  type ActivityPlan,
  countSlots,
  type PlanOf,
} from '../../scenario/plan/beside/background.ts';
import type { ActivityKind } from '../../scenario/schema/beside/background-schema.ts';
import { DEFAULT_RESERVE, type Slots } from '../../targets/visit/limits.ts';

export interface BackgroundSlots {
  /** Free slots of the target before the background; null: no limit is known. */
  slots: Slots | null;
  /** Slots that are left to others; undefined: the usual number. */
  reserve: number | undefined;
  /** The scenario's cap on attempts in flight; undefined: it sets none. */
  maxInFlight: number | undefined;
  /** Whether silent checks may take more than their share. */
  beyondSlots: boolean;
  isLab: boolean;
  /** Further slots that are left to the lab's pooler. */
  poolSlots: number;
  /** Whether a pooler is in between, so that sessions of the server are not known as our own. */
  isPooled: boolean;
}

/** What an activity may take of the free slots without `--beyond-slots`, if it is silent. */
const SILENT_SHARE = 1 / 4;
/** The least that is left to a load without a cap of its own. */
const LOAD_SHARE = 1 / 4;

/**
 * Fits the activities into the free slots of the target. Only held connections can be fewer than planned: `connections`
 * is an upper limit. They leave room for the other activities, the reserve, and the load: its maxInFlight, or a quarter
 * of the free slots.
 *
 * @throws UsageError if silent checks would take more than a quarter of the free slots for cancels and signals through
 * a pooler
 */
export function limitBackground(
  plans: readonly ActivityPlan[],
  limits: BackgroundSlots,
): ActivityOrder[] {
  const { slots, reserve = DEFAULT_RESERVE, poolSlots, maxInFlight } = limits;
  if (limits.isPooled) refusePooled(plans);
  if (slots === null) return plans.map((plan) => ({ plan }));
  refuseSilent(plans, slots, limits);
  const isHeld = (plan: ActivityPlan): plan is PlanOf<'held'> => plan.activity === 'held';
  let taken = sumSlots(plans.filter((plan) => !isHeld(plan)));
  const forLoad = maxInFlight ?? Math.ceil(slots.free * LOAD_SHARE);
  return plans.map((plan) => {
    if (!isHeld(plan)) return { plan };
    const beside = taken;
    const left = Math.max(0, slots.free - reserve - poolSlots - forLoad - beside);
    const connections = Math.min(plan.connections, left);
    taken += connections;
    if (connections === plan.connections) return { plan };
    const shares =
      beside === 0
        ? `and ${forLoad} to the load`
        : `${forLoad} to the load, and ${beside} to other activities`;
    const reason = `the target has ${formatCounted(slots.free, 'free slot')}; ${reserve + poolSlots} of them are left to others, ${shares}`;
    return {
      plan: { ...plan, connections },
      reduced: { asked: plan.connections, reason },
    };
  });
}

/** Activities that act on the server's own processes. */
const OF_SERVER: readonly ActivityKind[] = ['cancels', 'reloads', 'terminations'];

function refusePooled(plans: readonly ActivityPlan[]): void {
  for (const { name, activity } of plans) {
    if (!OF_SERVER.includes(activity)) continue;
    throw new UsageError(
      'BACKGROUND_POOLED',
      `background.${name}: a pooler is in between, so ${activity} could not tell which sessions of the server are its own: name the server itself as the target`,
    );
  }
}

/** Returns the slots that all activities take together. */
export function sumSlots(plans: readonly ActivityPlan[]): number {
  return plans.reduce((sum, plan) => sum + countSlots(plan), 0);
}

function refuseSilent(
  plans: readonly ActivityPlan[],
  { free }: Slots,
  { beyondSlots, isLab }: BackgroundSlots,
): void {
  if (beyondSlots || isLab) return;
  const most = Math.floor(free * SILENT_SHARE);
  for (const plan of plans) {
    if (plan.activity !== 'health-checks' || countSlots(plan) <= most) continue;
    throw new UsageError(
      'BACKGROUND_SILENT',
      `background.${plan.name} would keep ${countSlots(plan)} silent connections, and the target has ${formatCounted(free, 'free slot')} (a quarter of them is ${most}): lower its rate or its stay, or allow more on a server of your own with --beyond-slots`,
    );
  }
}
