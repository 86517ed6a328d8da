import { planWarmUp } from '../scenario/warm-up.ts';
import { confirmTarget } from '../target/safety.ts';
import type { RunRequest } from './request.ts';
import { sumUpStorms } from './storm-plan.ts';
import { unlessStopped } from './unless-stopped.ts';
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
  const plan = sumUpStorms(plans, {
    warmUps,
    repeat: loaded.repeat,
    isBeyondSlots: beyondSlots === true,
  });
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
