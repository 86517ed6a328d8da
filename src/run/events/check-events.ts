import { adviseOnReload, MAY_RELOAD } from '../../drivers/reload.ts';
import { UsageError } from '../../errors.ts';
import { type EventPlan, needsMachine, planEvents } from '../../scenario/events/plan-events.ts';
import type { Variant } from '../../scenario/plan/variants.ts';
import { isSameServer } from '../../targets/target.ts';
import { describeServer } from '../../targets/visit/describe.ts';
import { addVisits, type Preflight } from '../../targets/visit/preflight.ts';
import { hasOwnBackends } from '../../targets/visit/server-times.ts';
import { blameVariant, blameVariantOf } from '../blame-variant.ts';
import { groupByLab } from '../place/group-by-lab.ts';
import { changeVisits } from '../prepare/change-visits.ts';
import type { Visited } from '../prepare/prepared.ts';
import { unlessStopped } from '../unless-stopped.ts';
import { connect } from './own-sessions.ts';

/**
 * Checks that no event needs the machine of a server that connstorm did not start. Nothing is connected to.
 *
 * @throws UsageError `EVENT_NEEDS_LAB`, which names the variant and the event
 */
export function refuseOnTarget(variants: readonly Variant[]): void {
  for (const { name, scenario } of variants) {
    blameVariant(name, () => {
      const event = planEvents(scenario.events).find(({ action }) => needsMachine(action.kind));
      if (event !== undefined) throw needsLab(event);
    });
  }
}

/**
 * Checks that no leg meets a lab that a promotion in an earlier leg has changed.
 *
 * @throws UsageError `EVENT_NEEDS_OWN_LAB`
 */
export function refuseSharedPromotion({
  variants,
  repeat,
}: {
  variants: readonly Variant[];
  repeat: number;
}): void {
  const shared = groupByLab(variants).flatMap((group) =>
    group.map((variant) => ({ ...variant, legs: group.length * repeat })),
  );
  for (const { name, scenario, legs } of shared) {
    const index = (scenario.events ?? []).findIndex((event) => event.do === 'promote');
    if (index < 0 || legs === 1) continue;
    const message = `events[${index}] is promote, which changes the lab for good, and ${legs} legs would share that lab: leave repeat at 1, and give each variant different settings of lab`;
    blameVariant(name, () => {
      throw new UsageError('EVENT_NEEDS_OWN_LAB', message);
    });
  }
}

function needsLab({ index, action: { kind } }: EventPlan): UsageError {
  const message =
    `events[${index}] is ${kind}, which connstorm does to its lab alone, and the target is another server: ` +
    'leave it out, or use exec with a command of your own, such as ' +
    '- { at: 5s, do: exec, command: "ssh db sudo systemctl restart postgresql" }';
  return new UsageError('EVENT_NEEDS_LAB', message);
}

/**
 * Checks what only a login shows: that the sessions of the storm can be told apart, and that the database user may
 * reload.
 *
 * Returns the variants, with the sessions that this took counted.
 *
 * @throws UsageError `EVENT_BEHIND_POOLER` or `EVENT_NOT_PERMITTED`, which name the variant and the event
 */
export async function checkEvents(
  visited: readonly Visited[],
  { isLab, stop }: { isLab: boolean; stop: AbortSignal },
): Promise<Visited[]> {
  const checked: Visited[] = [];
  for (const one of visited) {
    const { variant, plan } = one;
    const dropping = plan.events.find(({ action }) => action.kind === 'drop-all');
    if (dropping !== undefined) blameVariant(variant, () => refusePooler(one, dropping));
    const reloading = plan.events.find(({ action }) => action.kind === 'reload');
    const asks = reloading !== undefined && !isLab;
    if (asks) await blameVariantOf(variant, unlessStopped(stop, requireReload(one, reloading)));
    checked.push(asks ? countQuestion(one) : one);
  }
  return checked;
}

/** Counts one more session at each host that fits. */
function countQuestion(visited: Visited): Visited {
  const isAsked = (one: Preflight): boolean =>
    visited.found.some(({ target }) => isSameServer(target, one.target));
  return changeVisits(visited, (one) => (isAsked(one) ? addVisits(one, 1) : one));
}

function refusePooler({ found }: Visited, { index }: EventPlan): void {
  if (found.every(({ server }) => hasOwnBackends(server))) return;
  const message = `events[${index}] is drop-all, and the target is behind a pooler or may be: the sessions that connstorm sees there are not the server's, so it could end those of others. Name the server itself as the target`;
  throw new UsageError('EVENT_BEHIND_POOLER', message);
}

async function requireReload({ found, plan }: Visited, { index }: EventPlan): Promise<void> {
  for (const server of found) {
    const side = await connect(server, plan.connection.timeoutUs);
    try {
      const [row] = await side.query(MAY_RELOAD);
      const advice = adviseOnReload(row);
      if (advice === undefined) continue;
      const message = `events[${index}] is reload, and the database user may not reload the configuration of ${describeServer(server.target)}: ${advice}`;
      throw new UsageError('EVENT_NOT_PERMITTED', message);
    } finally {
      await side.end();
    }
  }
}
