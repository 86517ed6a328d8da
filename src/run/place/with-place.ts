import type { RunRequest } from '../request.ts';
import { unlessStopped } from '../unless-stopped.ts';
import { type Assigned, assignLabs, assignTargets } from './assign-targets.ts';
import { choosePlace, type PlaceRequest } from './choose-place.ts';
import { pinSelf } from './pinning.ts';
import { countPoolSlots, type RunLab, withRunLabs } from './run-lab.ts';

/** Where a run takes place. */
export interface Place {
  /** Labs of the run; empty if its targets are existing servers. */
  labs: readonly RunLab[];
  /** Every variant, in the order of the scenario. */
  assigned: readonly Assigned[];
  /** Slots that the lab's pooler may take; 0 without one. */
  poolSlots: number;
}

/**
 * Runs `use` where the run takes place: against servers, or against labs, which have ended when it resolves or rejects.
 *
 * @throws UsageError for whatever keeps the run from its place; and whatever resolving targets and starting labs throws
 */
export async function withPlace<T>(
  request: PlaceRequest & Pick<RunRequest, 'stop'>,
  use: (place: Place) => Promise<T>,
): Promise<T> {
  const { targets: texts, env, pins = {}, postgresBin, stop, observer } = request;
  const { variants } = request.loaded;
  const choice = await choosePlace(request);
  if (choice === undefined) {
    const assigned = await unlessStopped(stop, assignTargets({ variants, texts, env }));
    pinSelf(pins);
    return use({ labs: [], assigned, poolSlots: 0 });
  }
  return withRunLabs({ variants, choice, postgresBin, pins, stop, observer }, async (labs) => {
    const assigned = await assignLabs(variants, labs);
    pinSelf(pins);
    return use({ labs, assigned, poolSlots: countPoolSlots(variants, choice) });
  });
}
