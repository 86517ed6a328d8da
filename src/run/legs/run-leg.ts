import { type Plan, planRun } from '../../scenario/plan/plan.ts';
import type { EventActs } from '../events/event-acts.ts';
import type { Prepared } from '../prepare/prepared.ts';
import type { LegSignals } from './follow-signals.ts';
import { Leg, type LegListener, type LegOutcome } from './leg.ts';
import { findWatched } from './own-sessions.ts';
import { type LegBackground, REAL_PORTS, type RunPorts } from './ports.ts';
import { startBackground } from './start-background.ts';
import { startProbes } from './start-probes.ts';
import { warmUp } from './warm-up.ts';

/**
 * Storms one target once, after the leg's warm-up, which the leg's background is open for. Starts threads for it, and
 * resolves with how it ended once the last connection is closed. Throws if the threads cannot be started, or if the run
 * was stopped before they were.
 */
export async function runLeg(
  prepared: Prepared,
  seed: number,
  signals: LegSignals,
  listener: LegListener,
  ports: RunPorts = REAL_PORTS,
): Promise<LegOutcome> {
  const probes = await startProbes(prepared, signals.stop, ports);
  let background: LegBackground | undefined;
  let acts: EventActs | undefined;
  try {
    if (prepared.plan.events.length > 0) acts = await ports.openEvents(prepared);
    // The kill switch watches the warm-up, too. What ends the warm-up also ends the leg.
    const watched = { ...signals, alarm: probes?.alarm };
    background = await startBackground(prepared, watched, ports);
    const warmedUs =
      prepared.warmUpUs === 0 ? 0 : await warmUp(prepared, seed, watched, listener.warned, ports);
    const plan = planLeg(prepared, seed);
    const watchedHost = findWatched(prepared);
    const ground = { signals, listener, probes, watchedHost, background, acts, ports };
    const leg = await Leg.launch(prepared, plan, ground);
    leg.start(warmedUs);
    return await leg.end();
  } finally {
    await background?.stop({ atOnce: true });
    await acts?.close();
    await probes?.stop();
  }
}

/** Returns the plan of a round. The first round runs the plan that was prepared. Others use other random numbers. */
function planLeg({ scenario, plan }: Prepared, seed: number): Plan {
  return seed === plan.seed ? plan : planRun({ ...scenario, seed });
}
