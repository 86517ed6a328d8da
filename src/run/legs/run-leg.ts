import { type Plan, planRun } from '../../scenario/plan/plan.ts';
import type { Prepared } from '../prepare/prepared.ts';
import type { LegSignals } from './follow-signals.ts';
import { Leg, type LegListener, type LegOutcome } from './leg.ts';
import { REAL_PORTS, type RunPorts } from './ports.ts';
import { startProbes } from './start-probes.ts';
import { warmUp } from './warm-up.ts';

/**
 * Storms one target once, after the warm-up that it is to have: from threads of its own, warmed up and started, to the last
 * connection closed. Resolves with how it ended. Throws where the threads cannot be started, or where the run was stopped
 * before they were.
 */
export async function runLeg(
  prepared: Prepared,
  seed: number,
  signals: LegSignals,
  listener: LegListener,
  ports: RunPorts = REAL_PORTS,
): Promise<LegOutcome> {
  const probes = await startProbes(prepared, signals.stop, ports);
  try {
    // Watched by the kill switch, too. The leg itself is ended by what ended this.
    const watched = { ...signals, alarm: probes?.alarm };
    const warmedUs =
      prepared.warmUpUs === 0 ? 0 : await warmUp(prepared, seed, watched, listener.warned, ports);
    const plan = planLeg(prepared, seed);
    const leg = await Leg.launch(prepared, plan, { signals, listener, probes, ports });
    leg.start(warmedUs);
    return await leg.end();
  } finally {
    await probes?.stop();
  }
}

/** The first round runs the very plan that was prepared. The others draw other random numbers. */
function planLeg({ scenario, plan }: Prepared, seed: number): Plan {
  return seed === plan.seed ? plan : planRun({ ...scenario, seed });
}
