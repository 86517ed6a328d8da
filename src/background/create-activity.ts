import type { ActivityPlan, PlanOf } from '../scenario/plan/beside/background.ts';
import type { ActivityKind } from '../scenario/schema/beside/background-schema.ts';
import { Abandons } from './activities/abandons.ts';
import { Cancels } from './activities/cancels.ts';
import { HealthChecks } from './activities/health-checks.ts';
import { Held } from './activities/held.ts';
import { ParallelQueries } from './activities/parallel-queries.ts';
import { Queries } from './activities/queries.ts';
import { Reloads } from './activities/reloads.ts';
import { Terminations } from './activities/terminations.ts';
import type { Activity } from './activity.ts';
import type { ActivityGround } from './activity-ground.ts';

const ACTIVITIES: {
  [Kind in ActivityKind]: new (
    plan: PlanOf<Kind>,
    ground: ActivityGround,
  ) => Activity;
} = {
  held: Held,
  queries: Queries,
  cancels: Cancels,
  'health-checks': HealthChecks,
  abandons: Abandons,
  reloads: Reloads,
  terminations: Terminations,
  'parallel-queries': ParallelQueries,
};

/** Creates an activity as it was planned. Nothing is opened yet. */
export function createActivity(plan: ActivityPlan, ground: ActivityGround): Activity {
  const Planned = ACTIVITIES[plan.activity] as new (
    plan: ActivityPlan,
    ground: ActivityGround,
  ) => Activity;
  return new Planned(plan, ground);
}
