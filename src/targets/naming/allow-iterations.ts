import type { ResolvedTarget } from './resolved-target.ts';

/**
 * The target with a limit of its own for SCRAM iterations: it holds for whatever logs in to it, the first login and the probes too.
 * undefined: as the target has it.
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
