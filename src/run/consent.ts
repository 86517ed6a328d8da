import { parseDuration } from '../scenario/duration.ts';
import { planWarmUp } from '../scenario/warm-up.ts';
import { confirmTarget } from '../target/safety.ts';
import type { RunRequest } from './request.ts';
import { findTaste, MOST_TASTED } from './taste-rate.ts';
import { unlessStopped } from './unless-stopped.ts';
import type { Member } from './visit-target.ts';

/** Asks once for all rounds and variants, before the first byte is sent to any target. Throws UsageError without consent. */
export async function confirmStorms(
  { loaded, yes, env, stdin, stderr, stop }: RunRequest,
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
  const all = [...plans, ...warmUps];
  const taste = findTaste(loaded);
  const tastes = taste === undefined ? 0 : members.length;
  const caps = plans.map(({ maxInFlight }) => maxInFlight);
  const known = caps.filter((cap) => cap !== undefined);
  const total = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) * loaded.repeat;
  const peaks = plans.flatMap(({ peakRatePerSecond }) => peakRatePerSecond ?? []);
  const counts = all.flatMap(({ arrivalCount }) => arrivalCount ?? []);
  const clients = plans.flatMap(({ clientCount }) => clientCount ?? []);
  const plan = {
    peakRatePerSecond: peaks.length === 0 ? null : Math.max(...peaks),
    maxInFlight: known.length === caps.length ? Math.max(...known) : undefined,
    arrivalCount: counts.length === 0 ? null : total(counts) + tastes * MOST_TASTED,
    clientCount: clients.length === 0 ? null : Math.max(...clients),
    durationUs:
      total(all.map(({ durationUs }) => durationUs)) +
      (taste === undefined ? 0 : tastes * parseDuration(taste.duration)),
  };
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
