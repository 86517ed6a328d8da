import { StopConditions } from '../analysis/stop-conditions.ts';
import { readMonotonicUs } from '../clock.ts';
import { Coordinator, type LoadEnd } from '../load/coordinator.ts';
import { GeneratorProbe } from '../probes/generator.ts';
import type { Probes } from '../probes/probes.ts';
import type { EndRecord, StreamRecord } from '../result/records.ts';
import { planRun } from '../scenario/plan.ts';
import type { Prepared } from './prepare.ts';
import { SearchLoop } from './search-loop.ts';
import { startProbes } from './start-probes.ts';
import { createInterrupted } from './unless-stopped.ts';

export type LegEnd = Omit<EndRecord, 'type'>;

export interface LegOutcome {
  end: LegEnd;
  /** By the kill switch: the server is to be left alone. */
  wasKilled: boolean;
}

/** What a leg tells while it runs, in times since its own T0. */
export interface LegListener {
  /** T0 is set: its wall-clock time, and its moment of the monotonic clock, good to some microseconds. */
  started(startedAt: Date, t0Us: number): void;
  /** Returns why nobody wants the rest, else undefined. */
  told(record: StreamRecord): string | undefined;
}

export interface LegSignals {
  /** No further arrivals, what is under way may end. */
  stop: AbortSignal;
  /** End at once. */
  cancel: AbortSignal;
  /** Something that the run stands on is gone; the reason is its text. */
  broken: AbortSignal;
}

/**
 * Storms one target once: from threads of its own, warmed up and started, to the last connection closed. Resolves with how it
 * ended. Throws where the threads cannot be started, or where the run was stopped before they were.
 */
export async function runLeg(
  prepared: Prepared,
  seed: number,
  signals: LegSignals,
  listener: LegListener,
): Promise<LegOutcome> {
  const probes = await startProbes(prepared, signals.stop);
  try {
    return await runWatched(prepared, seed, signals, { listener, probes });
  } finally {
    await probes?.stop();
  }
}

async function runWatched(
  { scenario, found, maxInFlight, workers, serverTimes }: Prepared,
  seed: number,
  signals: LegSignals,
  { listener, probes }: { listener: LegListener; probes: Probes | undefined },
): Promise<LegOutcome> {
  const plan = planRun({ ...scenario, seed });
  const conditions = new StopConditions(plan.stop);
  const search = plan.search === undefined ? undefined : new SearchLoop(plan.search, tell);
  function tell(record: StreamRecord): void {
    search?.add(record);
    const stopReason = listener.told(record);
    if (stopReason !== undefined) coordinator.stop('signal', stopReason);
  }
  const coordinator = await Coordinator.launch({
    plan,
    connection: { ...plan.connection, serverTimes },
    endpoints: found.map(({ target }) => target),
    maxInFlight,
    workers,
    onInterval: (record) => {
      tell(record);
      tell(probe.sample(coordinator.nowUs));
      const reason = conditions.judge(record);
      if (reason !== undefined && coordinator.stop('condition', reason)) decide('stop', reason);
    },
    onDrained: () => search?.goOn(coordinator),
  });
  const decide = (decision: string, reason: string): void => {
    const atUs = Math.max(0, coordinator.nowUs);
    tell({ type: 'decision', atUs, decision, reason });
  };
  if (signals.stop.aborted) {
    coordinator.cancel();
    await coordinator.finished;
    throw createInterrupted();
  }
  // From here on: what starting and warming up the threads costs is no connect's.
  const probe = new GeneratorProbe(coordinator.crew);
  const startedAt = coordinator.start();
  const t0Us = readMonotonicUs() - coordinator.nowUs;
  listener.started(startedAt, t0Us);
  const ignore = followSignals(coordinator, signals);
  let wasKilled = false;
  probes?.listen({
    t0Us,
    told: tell,
    seen: (seen) => tell({ type: 'watch', atUs: Math.max(0, coordinator.nowUs), ...seen }),
    alarmed: (reason) => {
      // Whoever is refused needs the slots now.
      if (!coordinator.kill(reason)) return;
      wasKilled = true;
      decide('kill', reason);
    },
  });
  try {
    const end = await coordinator.finished;
    await probes?.stop();
    return { end: describeEnd(end, plan.connection.scramCache), wasKilled };
  } finally {
    probe.stop();
    ignore();
  }
}

/** Returns what ends the listening. */
function followSignals(coordinator: Coordinator, { stop, cancel, broken }: LegSignals): () => void {
  const stopLoad = (): void => void coordinator.stop('signal', 'interrupted');
  const cancelLoad = (): void => coordinator.cancel();
  const breakLoad = (): void => void coordinator.stop('error', String(broken.reason));
  const pairs = [
    [stop, stopLoad],
    [cancel, cancelLoad],
    [broken, breakLoad],
  ] as const;
  for (const [signal, act] of pairs) {
    signal.addEventListener('abort', act);
    if (signal.aborted) act();
  }
  return () => {
    for (const [signal, act] of pairs) signal.removeEventListener('abort', act);
  };
}

function describeEnd({ scram, ...end }: LoadEnd, cache: boolean): LegEnd {
  const { derivations, salts, shortestUs, totalUs } = scram;
  if (derivations === 0) return end;
  const meanUs = Math.round(totalUs / derivations);
  return { ...end, scram: { derivations, salts, cache, shortestUs, meanUs } };
}
