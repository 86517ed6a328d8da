import { parseDuration } from '../../scenario/duration.ts';
import { findTaste, MOST_TASTED } from '../../scenario/plan/taste.ts';
import { planWarmUp } from '../../scenario/plan/warm-up.ts';
import type { StormPlan } from '../../targets/visit/describe-storm.ts';
import { confirmTarget } from '../../targets/visit/safety.ts';
import type { RunRequest } from '../request.ts';
import { unlessStopped } from '../unless-stopped.ts';
import { sumUpStorms } from './storm-plan.ts';
import type { Member } from './visit-target.ts';

/** Asks once for all rounds and variants, before the first byte is sent to any target. Throws UsageError without consent. */
export async function confirmStorms(
  { loaded, yes, beyondSlots, env, stdin, stderr, stop }: RunRequest,
  members: readonly Member[],
  { isLab }: { isLab: boolean },
): Promise<void> {
  const targets = new Set(members.map(({ resolved }) => resolved));
  // The same server in two sslmodes is one to people.
  const hosts = new Map(
    [...targets].flatMap((target) =>
      target.hosts.map((host) => [`${host.target.host}:${host.target.port}`, host] as const),
    ),
  );
  const plans = members.map(({ plan }) => plan);
  const warmUps =
    loaded.warmUpUs === 0
      ? []
      : members.map(({ scenario }) => planWarmUp(scenario, scenario.seed, loaded.warmUpUs));
  const storms = sumUpStorms(plans, {
    warmUps,
    repeat: loaded.repeat,
    isBeyondSlots: beyondSlots === true,
  });
  const plan = addTastes(storms, loaded, members.length);
  const confirming = confirmTarget({
    hosts: [...hosts.values()],
    isLab,
    plan,
    yes,
    env,
    stdin,
    stderr,
  });
  await unlessStopped(stop, confirming);
}

/** The tastes that come before the first round are no less of a storm. */
function addTastes(storms: StormPlan, loaded: RunRequest['loaded'], targets: number): StormPlan {
  const taste = findTaste(loaded);
  if (taste === undefined) return storms;
  const { arrivalCount, durationUs } = storms;
  return {
    ...storms,
    arrivalCount: arrivalCount === null ? null : arrivalCount + targets * MOST_TASTED,
    isTasted: true,
    durationUs: durationUs + targets * parseDuration(taste.duration),
  };
}
