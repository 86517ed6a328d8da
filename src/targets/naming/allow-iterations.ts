import type { ResolvedTarget } from './resolved-target.ts';

/**
 * Returns the target with its own limit for SCRAM iterations. The limit holds for every login, also for the first one
 * and for those of the probes. undefined: the target's limit stays.
 */
export function allowIterations(
  resolved: ResolvedTarget,
  maxScramIterations: number | undefined,
): ResolvedTarget {
  if (maxScramIterations === undefined) return resolved;
  const hosts = resolved.hosts.map((host) => ({
    ...host,
    target: { ...host.target, maxScramIterations },
  }));
  return { ...resolved, hosts };
}
