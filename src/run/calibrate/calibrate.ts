import { availableParallelism } from 'node:os';
import { findCeiling, hasGivenOut, isSustained } from '../../analysis/figures/ceiling.ts';
import { formatCounted } from '../../counted.ts';
import { ConnstormError } from '../../errors.ts';
import { startInstantServer } from '../../lab/instant/instant.ts';
import { describeEnvironment } from '../../probes/proc/environment.ts';
import type { Calibration, Figure, WorkersCeiling } from '../../result/records/calibration.ts';
import type { MetricSummary, StepSummary } from '../../result/records/summary-figures.ts';
import { readVersion } from '../../version.ts';
import { type Climbed, climb } from './calibration-storm.ts';

interface Pace {
  floorS: number;
  /**
   * The stair before the first measured one: some thousand connects, until V8 has compiled the code that runs often.
   */
  warmUp: { ratePerSecond: number; seconds: number };
  ratesPerSecond: readonly number[];
  stairS: number;
  maxWorkers: number;
  budgetS: number;
}

const FLOOR_PER_SECOND = 200;
const THOROUGH: Pace = {
  floorS: 5,
  warmUp: { ratePerSecond: 1500, seconds: 2 },
  ratesPerSecond: [500, 1000, 1500, 2000, 3000, 4000, 5500, 7500, 10_000, 13_000, 17_000],
  stairS: 1,
  maxWorkers: 4,
  budgetS: 45,
};
const QUICK: Pace = {
  floorS: 2,
  warmUp: { ratePerSecond: 1500, seconds: 1 },
  ratesPerSecond: [500, 1000, 2000, 4000, 6000, 9000, 13_000],
  stairS: 0.6,
  maxWorkers: 2,
  budgetS: 15,
};

export interface CalibrationRequest {
  quick: boolean;
  /** The signal that ends the calibration. What was found until then is returned. */
  stop: AbortSignal;
  note(text: string): void;
}

/**
 * Storms an instant server on this machine with 1 to W workers, in under a minute. It uses the coordinator, workers and
 * driver of a run. Rejects with ConnstormError `INTERRUPTED` if it is stopped before the server has started.
 */
export async function calibrate({ quick, stop, note }: CalibrationRequest): Promise<Calibration> {
  const pace = quick ? QUICK : THOROUGH;
  const beganMs = performance.now();
  const elapsedS = (): number => (performance.now() - beganMs) / 1000;
  const isOver = (): boolean => stop.aborted || elapsedS() > pace.budgetS;
  const maxWorkers = Math.min(pace.maxWorkers, availableParallelism());
  const server = await startInstantServer().catch((error: unknown) => {
    throw stop.aborted ? createUnmeasured() : error;
  });
  try {
    note(
      'started a server on this machine that answers at once: what is measured with it is the time that connstorm itself needs',
    );
    const floor = await measureFloor(server.port, pace, stop);
    const ceilings: WorkersCeiling[] = [];
    for (let workers = 1; workers <= maxWorkers && !isOver(); workers++) {
      note(
        `trying higher and higher rates, with ${workers} of ${formatCounted(maxWorkers, 'worker')}`,
      );
      ceilings.push(await searchCeiling(server.port, workers, pace, stop));
    }
    const sustained = ceilings.flatMap(({ sustainedPerSecond }) => sustainedPerSecond ?? []);
    return {
      type: 'calibration',
      version: 1,
      connstorm: readVersion(),
      environment: describeEnvironment(),
      floor,
      ceilings,
      highestPerSecond: sustained.length === 0 ? null : Math.max(...sustained),
      complete: !stop.aborted && ceilings.length === maxWorkers,
      elapsedS: Math.round(elapsedS() * 10) / 10,
    };
  } finally {
    await server.stop();
  }
}

function createUnmeasured(): ConnstormError {
  const message = 'interrupted before anything was measured';
  return new ConnstormError('interrupted', 'INTERRUPTED', message);
}

async function measureFloor(
  port: number,
  { floorS }: Pace,
  stop: AbortSignal,
): Promise<Calibration['floor']> {
  const stairs = [{ ratePerSecond: FLOOR_PER_SECOND, seconds: floorS }];
  const { summary } = await climb(port, { stairs, workers: 1, hasEnough: () => false }, stop);
  const { latency, serviceTime, lateness } = summary.metrics;
  if (latency === undefined || serviceTime === undefined || lateness === undefined) return null;
  return {
    ratePerSecond: FLOOR_PER_SECOND,
    serviceTime: pickFigure(serviceTime),
    lateness: pickFigure(lateness),
    latency: pickFigure(latency),
  };
}

async function searchCeiling(
  port: number,
  workers: number,
  { warmUp, ratesPerSecond, stairS }: Pace,
  stop: AbortSignal,
): Promise<WorkersCeiling> {
  const rates = ratesPerSecond.map((ratePerSecond) => ({ ratePerSecond, seconds: stairS }));
  const climbed = await climb(
    port,
    {
      stairs: [warmUp, ...rates],
      workers,
      hasEnough: ([_warmUp, ...steps]) => hasGivenOut(steps),
    },
    stop,
  );
  return describeClimbed(climbed, workers);
}

function describeClimbed({ summary, cpuUs }: Climbed, workers: number): WorkersCeiling {
  const [_warmUp, ...reached] = summary.steps;
  // A step that was cut off has no CPU time, and says little.
  const steps = reached.filter(({ index }) => cpuUs[index] !== undefined);
  const ceiling = findCeiling(steps);
  const stepAt = (rate: number | null) =>
    steps.find(({ startRatePerSecond }) => startRatePerSecond === rate);
  const best = stepAt(ceiling.sustainedPerSecond);
  const beyond = stepAt(ceiling.failedPerSecond);
  const bestCpuUs = best === undefined ? undefined : cpuUs[best.index];
  return {
    workers,
    ...ceiling,
    cpuPerConnectUs:
      best === undefined || bestCpuUs === undefined ? null : bestCpuUs / best.accounting.ok,
    lateness: best === undefined ? null : pickFigure(best.lateness),
    failedBecause: beyond === undefined ? [] : explainFailure(beyond),
    tries: steps.map((step) => ({
      ratePerSecond: step.startRatePerSecond ?? 0,
      achievedPerSecond: step.achievedPerSecond,
      sustained: isSustained(step),
    })),
  };
}

function explainFailure({ validity, achievedPerSecond, accounting }: StepSummary): string[] {
  if (!validity.valid) return validity.reasons.map(({ message }) => message);
  const { due, ok } = accounting;
  return [
    `${ok} of ${formatCounted(due, 'connect')} succeeded while the step lasted (${Math.round(achievedPerSecond)}/s)`,
  ];
}

function pickFigure({ count, p50Us, p99Us }: MetricSummary): Figure {
  return { count, p50Us, p99Us };
}
