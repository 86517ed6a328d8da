import { StopConditions } from '../../analysis/stop-conditions.ts';
import type { CountedTimes } from '../../drivers/login/scram-costs.ts';
import { Coordinator, type LoadEnd } from '../../load/threads/coordinator.ts';
import { Histogram } from '../../model/histogram.ts';
import type { EncodedHistogram } from '../../model/measures.ts';
import type { EndRecord } from '../../result/records/end.ts';
import type { StreamRecord } from '../../result/records/records.ts';
import { planRun } from '../../scenario/plan/plan.ts';
import type { Prepared } from '../prepare/prepared.ts';
import { createInterrupted } from '../unless-stopped.ts';
import { followSignals, type LegSignals } from './follow-signals.ts';
import { describeLoadOptions } from './load-options.ts';
import { REAL_PORTS, type RunPorts, type TargetProbes } from './ports.ts';
import { SearchLoop } from './search-loop.ts';
import { startProbes } from './start-probes.ts';
import { StepGuard } from './step-guard.ts';
import { warmUp } from './warm-up.ts';

export type LegEnd = Omit<EndRecord, 'type'>;

export interface LegOutcome {
  end: LegEnd;
  /** By the kill switch: the server is to be left alone. */
  wasKilled: boolean;
}

/** What a leg tells while it runs, in times since its own T0. */
export interface LegListener {
  /**
   * T0 is set: its wall-clock time, and its moment of the monotonic clock, good to some microseconds. `warmedUs`: how long
   * load came before it that is told of nowhere else.
   */
  started(startedAt: Date, t0Us: number, warmedUs: number): void;
  /** Returns the reason to end the leg, or undefined. */
  told(record: StreamRecord): string | undefined;
  /** Something for people alone: what may spoil the figures. */
  warned(text: string): void;
}

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
    const warmedUs =
      prepared.warmUpUs === 0
        ? 0
        : await warmUp(
            prepared,
            seed,
            { ...signals, alarm: probes?.alarm },
            listener.warned,
            ports,
          );
    return await runWatched(prepared, seed, signals, { listener, probes, warmedUs, ports });
  } finally {
    await probes?.stop();
  }
}

interface Watched {
  listener: LegListener;
  probes: TargetProbes | undefined;
  warmedUs: number;
  ports: RunPorts;
}

async function runWatched(
  prepared: Prepared,
  seed: number,
  signals: LegSignals,
  { listener, probes, warmedUs, ports }: Watched,
): Promise<LegOutcome> {
  const plan = planRun({ ...prepared.scenario, seed });
  const conditions = new StopConditions(plan.stop);
  const search = plan.search === undefined ? undefined : new SearchLoop(plan.search, tell);
  function tell(record: StreamRecord): void {
    search?.add(record);
    const stopReason = listener.told(record);
    if (stopReason !== undefined) coordinator.stop('signal', stopReason);
  }
  const coordinator = await Coordinator.launch({
    ...describeLoadOptions(prepared, plan, ports),
    onInterval: (record) => {
      tell(record);
      tell(probe.sample(coordinator.nowUs));
      const reason = conditions.judge(record);
      if (reason !== undefined && coordinator.stop('condition', reason)) decide('stop', reason);
    },
    onDrained: () => guard.drained(),
  });
  const guard = new StepGuard({
    coordinator,
    decide: (decision, reason) => decide(decision, reason),
    kill: (reason) => kill(reason),
    goOn: () => search?.goOn(coordinator),
    time: ports.load.time,
  });
  const decide = (decision: string, reason: string): void => {
    const atUs = Math.max(0, coordinator.nowUs);
    tell({ type: 'decision', atUs, decision, reason });
  };
  let wasKilled = false;
  const kill = (reason: string): void => {
    // Whoever is refused needs the slots now.
    if (!coordinator.kill(reason)) return;
    wasKilled = true;
    decide('kill', reason);
  };
  await probes?.mark();
  if (signals.stop.aborted) {
    coordinator.cancel();
    await coordinator.finished;
    throw createInterrupted();
  }
  // From here on: what starting and warming up the threads costs is no connect's.
  const probe = ports.watchGenerator(coordinator.crew);
  const startedAt = coordinator.start();
  const t0Us = ports.load.time.readMonotonicUs() - coordinator.nowUs;
  listener.started(startedAt, t0Us, warmedUs);
  const ignore = followSignals(coordinator, signals);
  probes?.listen({
    t0Us,
    told: tell,
    seen: (seen) => tell({ type: 'watch', atUs: Math.max(0, coordinator.nowUs), ...seen }),
    alarmed: kill,
    slowed: (reason) => guard.slowed(reason),
    cameBack: () => guard.cameBack(),
  });
  try {
    const end = await coordinator.finished;
    // A server that refuses others is to be left alone; and nobody waits for what is to end at once.
    const isLeftAlone = wasKilled || signals.cancel.aborted || signals.broken.aborted;
    if (!isLeftAlone) await probes?.lookOnce();
    await probes?.stop();
    return { end: describeEnd(end, plan.connection.scramCache), wasKilled };
  } finally {
    probe.stop();
    guard.stop();
    ignore();
  }
}

function describeEnd({ scram, ...end }: LoadEnd, cache: boolean): LegEnd {
  const { derivations, salts, shortestUs, totalUs } = scram;
  if (derivations + scram.abandoned === 0) return end;
  const meanUs = derivations === 0 ? 0 : Math.round(totalUs / derivations);
  const times = { waits: encodeTimes(scram.waits), alone: encodeTimes(scram.alone) };
  const abandoned = scram.abandoned > 0 ? { abandoned: scram.abandoned } : {};
  return {
    ...end,
    scram: { derivations, salts, cache, shortestUs, meanUs, ...times, ...abandoned },
  };
}

function encodeTimes(counted: CountedTimes): EncodedHistogram {
  const histogram = new Histogram();
  for (const [us, times] of counted) histogram.record(us, times);
  return histogram.encode();
}
