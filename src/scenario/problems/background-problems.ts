import { valueAt } from '../file/field-path.ts';
import { isDataMap } from '../file/merge.ts';
import type { ScheduleProblem } from '../plan/schedule.ts';
import { activitySchema } from '../schema/beside/background-schema.ts';
import { hasCopy } from '../statements.ts';

/** Finds what is wrong between the fields of activities that are each well-formed, in data of any shape. */
export function findBackgroundProblems(data: unknown): ScheduleProblem[] {
  const background = valueAt(data, ['background']);
  if (!isDataMap(background)) return [];
  return Object.entries(background).flatMap(([name, given]) => {
    const { data: activity } = activitySchema.safeParse(given);
    const path = ['background', name];
    if (activity?.activity === 'queries' && hasCopy(activity.statement)) {
      return [{ path: [...path, 'statement'], text: NO_COPY }];
    }
    if (activity?.activity === 'health-checks') {
      const { kind, stay } = activity;
      const text = `does nothing with kind ${kind}: set kind to silent, or leave stay out`;
      if (stay !== undefined && kind !== 'silent') return [{ path: [...path, 'stay'], text }];
    }
    return [];
  });
}

const NO_COPY = 'must be without COPY: connstorm has no data for it and keeps none of its data';
