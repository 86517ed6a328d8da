import { planWatch, type WatchLimits } from '../../scenario/schema/kill-switch-schema.ts';
import type { Scenario } from '../../scenario/schema/schema.ts';

/** Returns the limits of a scenario's kill switch; undefined if it is off. The lab has no other clients to protect. */
export function planKillSwitch(
  { killSwitch }: Pick<Scenario, 'killSwitch'>,
  { isLab }: { isLab: boolean },
): WatchLimits | undefined {
  return planWatch(killSwitch, { isOn: !isLab });
}
