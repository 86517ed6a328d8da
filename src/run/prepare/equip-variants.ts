import { availableParallelism } from 'node:os';
import { createMark } from '../../drivers/session-mark.ts';
import type { Plan } from '../../scenario/plan/plan.ts';
import { findLab, type RunLab } from '../place/run-lab.ts';
import { planKillSwitch } from './plan-kill-switch.ts';
import type { Prepared, Timed } from './prepared.ts';

/** Gives each variant the threads, the kill switch and the probes that its legs need. */
export function equipVariants(
  timed: readonly Timed[],
  { warmUpUs, labs }: { warmUpUs: number; labs: readonly RunLab[] },
): Prepared[] {
  const isLab = labs.length > 0;
  return timed.map((variant) => {
    const { scenario, plan, maxInFlight } = variant;
    const workers = Math.min(
      scenario.workers ?? chooseWorkers(),
      findSmallestCap(plan, maxInFlight),
    );
    const watch = planKillSwitch(scenario, { isLab });
    const { probes = plan.search !== undefined } = scenario;
    const seesHost = typeof probes === 'boolean' ? probes : probes.host;
    return {
      ...variant,
      workers,
      warmUpUs,
      isReadOnly: !isLab && !plan.connection.writes,
      watch,
      hasProbes: probes !== false,
      seesHost,
      lab: findLab(labs, variant.variant)?.lab,
      sessionMark: endsSessions(plan) ? createMark() : undefined,
    };
  });
}

function endsSessions({ events }: Plan): boolean {
  return events.some(({ action }) => action.kind === 'drop-all');
}

/** Returns the smallest cap. Every worker needs a share of every cap; otherwise its arrivals could never begin. */
function findSmallestCap({ blocks }: Plan, maxInFlight: number): number {
  const caps = blocks.flatMap((block) => [block.maxInFlight ?? maxInFlight, block.maxOpen]);
  return Math.min(maxInFlight, ...caps.filter((cap) => cap !== undefined));
}

/**
 * Returns the default number of worker threads: half of the CPUs, because the server may need the others, and never
 * more than four.
 */
function chooseWorkers(): number {
  return Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));
}
