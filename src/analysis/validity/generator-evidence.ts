import { SHORTEST_STOP_US } from '../../model/measures.ts';
import type { GeneratorSample, WorkerSample } from '../../result/records/samples.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';

type Generator = NonNullable<SummaryRecord['generator']>;

/**
 * In a second whose p99 of lateness, or longest delay of a loop, is above this, something held connstorm up. Less is
 * the noise of timers.
 */
const LATE_US = 2000;
/** Share of a late second. So much waiting for a CPU explains the lateness. */
const STARVED_SHARE = 0.1;
/** From this share on, waiting for a CPU is a warning even without lateness. */
const STARVED_WARN_SHARE = 0.2;
const STOLEN_SHARE = 0.05;
/** A loop that is busy for a larger share does not keep up. */
const SATURATED_SHARE = 0.9;
/** Share of the judged time. With at most this much, what was begun or answered in a stop is within the highest 1 %. */
export const STOPPED_SHARE = 0.01;

/** Sums of one worker over some seconds. */
interface WorkerSums {
  /** Sums over the seconds in which the use of its loop is known. */
  loopUs: number;
  activeUs: number;
  /** Sums over the seconds for which the system reports them: all on Linux, none elsewhere. */
  cpuUs: number;
  waitUs: number;
  reportedUs: number;
  loopDelayUs: number;
}

/** Seconds in which workers were late, and the possible causes in them. */
class LateSeconds {
  /** Sums of the workers that were late. */
  readonly workers = new Map<number, WorkerSums>();
  #us = 0;
  #stolenUs = 0;

  add(late: readonly WorkerSample[], sample: GeneratorSample): void {
    const { elapsedUs, hostStolenUs = 0 } = sample;
    for (const worker of late) addWorker(this.workers, worker, sample);
    if (late.length === 0) return;
    this.#us += elapsedUs;
    this.#stolenUs += hostStolenUs;
  }

  /** Returns the stolen share of each CPU. `processors`: number of CPUs. */
  stolenShare(processors: number): number {
    return this.#stolenUs / (this.#us * processors || 1);
  }
}

/** Evidence about connstorm from the samples of a run or a step: whether it was the bottleneck itself, and why. */
export class GeneratorEvidence {
  readonly #all = new Map<number, WorkerSums>();
  /** Seconds with late attempts, and seconds with late event loops. */
  readonly #late = new LateSeconds();
  readonly #delayed = new LateSeconds();
  #processors = 1;
  #elapsedUs = 0;
  #stoppedUs = 0;
  /** Includes the stops of samples that begin or end outside of the step. */
  #touchingStopsUs = 0;

  /** Adds a sample. `isMost`: most of the sample's time belongs to this step, not to its neighbour. */
  add(sample: GeneratorSample, isMost = true): void {
    const { elapsedUs, hostTotalUs, workers = [] } = sample;
    const stoppedUs = findUnexplainedStopUs(sample);
    this.#touchingStopsUs += stoppedUs;
    if (isMost) {
      this.#stoppedUs += stoppedUs;
      this.#elapsedUs += elapsedUs;
    }
    if (elapsedUs > 0) this.#processors = Math.max(1, Math.round(hostTotalUs / elapsedUs));
    for (const worker of workers) addWorker(this.#all, worker, sample);
    const late = workers.filter(({ latenessP99Us }) => (latenessP99Us ?? 0) > LATE_US);
    this.#late.add(late, sample);
    const delayed = workers.filter(({ loopDelayUs }) => loopDelayUs > LATE_US);
    this.#delayed.add(delayed, sample);
  }

  /** Returns why attempts began late, as far as the samples show it, each reason with what to change. */
  explainLateness(): Reason[] {
    return this.#explain(this.#late);
  }

  /** Returns the same for late event loops. */
  explainDelays(): Reason[] {
    return this.#explain(this.#delayed);
  }

  /**
   * Returns the reason for stops of connstorm. A stop makes figures wrong even if no arrival fell into it, because
   * answers are stamped only after it.
   */
  judgeStops(): Reason[] {
    const isMuch = this.#stoppedUs > this.#elapsedUs * STOPPED_SHARE;
    return isMuch ? this.#describeStops(this.#stoppedUs) : [];
  }

  /** Returns warnings about what has made no figure invalid but may the next time. */
  warn(): Reason[] {
    return [
      ...this.#describeStops(this.#stoppedUs),
      ...describeStarvation(this.#all, STARVED_WARN_SHARE),
      ...describeSaturation(this.#all),
    ];
  }

  /**
   * Returns the figures of the busiest worker, and of the one that waited most for a CPU. Without samples of workers,
   * those figures are absent.
   */
  summarise(): Omit<Generator, 'cpuShare' | 'hostBusyShare'> {
    const stopped = this.#stoppedUs > 0 ? { stoppedShare: this.#stoppedUs / this.#elapsedUs } : {};
    const workers = [...this.#all.values()];
    if (workers.length === 0) return stopped;
    const waited = workers.filter(({ reportedUs }) => reportedUs > 0);
    const known = workers.filter(({ loopUs }) => loopUs > 0);
    return {
      ...stopped,
      ...(known.length === 0 ? {} : { workerUtilisation: Math.max(...known.map(utilisationOf)) }),
      longestLoopDelayUs: Math.max(...workers.map(({ loopDelayUs }) => loopDelayUs)),
      ...(waited.length === 0 ? {} : { cpuWaitShare: Math.max(...waited.map(waitShareOf)) }),
    };
  }

  #explain(late: LateSeconds): Reason[] {
    return [
      ...this.#describeStops(this.#touchingStopsUs),
      ...describeStarvation(late.workers, STARVED_SHARE),
      ...this.#describeTheft(late),
      ...describeSaturation(late.workers),
    ];
  }

  #describeStops(stoppedUs: number): Reason[] {
    if (stoppedUs === 0) return [];
    const ms = toMs(stoppedUs);
    return [
      {
        code: 'GENERATOR_STOPPED',
        message: `connstorm was stopped for ${ms} ms or more, neither running nor waiting for a CPU: run connstorm again, and do not suspend it or its machine`,
        evidence: [{ text: 'connstorm was stopped', value: ms, unit: 'ms' }],
      },
    ];
  }

  #describeTheft(late: LateSeconds): Reason[] {
    const share = late.stolenShare(this.#processors);
    if (share < STOLEN_SHARE) return [];
    const ms = toMs(share * 1_000_000);
    return [
      {
        code: 'HOST_STOLEN',
        message: `the hypervisor gave ${ms} ms of each CPU's second to other machines: use a machine with dedicated CPUs`,
        evidence: [
          { text: 'taken by the hypervisor, of each second of each CPU', value: ms, unit: 'ms' },
        ],
      },
    ];
  }
}

/**
 * Returns how long the process was stopped, beyond what steal explains. A process whose CPU the hypervisor gave to
 * others also neither ran nor waited for a CPU. Steal is a sum over all CPUs, and one thread lost at most that much of
 * its time.
 */
function findUnexplainedStopUs({ stoppedUs = 0, hostStolenUs = 0 }: GeneratorSample): number {
  const leftUs = stoppedUs - hostStolenUs;
  return leftUs >= SHORTEST_STOP_US ? leftUs : 0;
}

function describeStarvation(workers: ReadonlyMap<number, WorkerSums>, share: number): Reason[] {
  const waited = [...workers].filter(([, { reportedUs }]) => reportedUs > 0);
  const [worst] = waited.sort(([, a], [, b]) => waitShareOf(b) - waitShareOf(a));
  if (worst === undefined || waitShareOf(worst[1]) < share) return [];
  const ms = toMs(waitShareOf(worst[1]) * 1_000_000);
  return [
    {
      code: 'GENERATOR_STARVED',
      message: `connstorm's worker ${worst[0] + 1} waited ${ms} ms of each second for a CPU: give connstorm CPUs or a machine of its own, or lower the load`,
      evidence: [{ text: 'waited for a CPU, of each second', value: ms, unit: 'ms' }],
    },
  ];
}

/**
 * Returns the reason for a busy worker. Only time in which the worker had a CPU counts. A worker that merely waits for
 * a CPU is starved, and more workers would not help.
 */
function describeSaturation(workers: ReadonlyMap<number, WorkerSums>): Reason[] {
  const saturated = [...workers].filter(
    ([, sums]) => utilisationOf(sums) > SATURATED_SHARE && demandOf(sums) > SATURATED_SHARE,
  );
  const [worst] = saturated.sort(([, a], [, b]) => utilisationOf(b) - utilisationOf(a));
  if (worst === undefined) return [];
  const percent = Math.round(utilisationOf(worst[1]) * 100);
  return [
    {
      code: 'WORKER_SATURATED',
      message: `the event loop of worker ${worst[0] + 1} was busy ${percent}% of the time: use more workers (each needs a CPU of its own), or lower the load`,
      evidence: [{ text: 'event-loop utilisation of the worker', value: percent, unit: '%' }],
    },
  ];
}

function addWorker(
  into: Map<number, WorkerSums>,
  worker: WorkerSample,
  sample: GeneratorSample,
): void {
  const { loopDelayUs, cpuUs, cpuWaitUs } = worker;
  const { elapsedUs } = sample;
  const sums = into.get(worker.worker) ?? {
    loopUs: 0,
    activeUs: 0,
    cpuUs: 0,
    waitUs: 0,
    reportedUs: 0,
    loopDelayUs: 0,
  };
  into.set(worker.worker, sums);
  const utilisation = believeUtilisation(worker, sample, sums);
  if (utilisation !== undefined) {
    sums.loopUs += elapsedUs;
    sums.activeUs += utilisation * elapsedUs;
  }
  sums.loopDelayUs = Math.max(sums.loopDelayUs, loopDelayUs);
  if (cpuUs === undefined || cpuWaitUs === undefined) return;
  sums.reportedUs += elapsedUs;
  sums.cpuUs += cpuUs;
  sums.waitUs += cpuWaitUs;
}

/**
 * Returns the use of the worker's loop in a sample; undefined if it is not known. In older files the last sample of a
 * thread may have exactly 1, because Node called a stopping thread active all the time. A loop that is truly always
 * active spends the time on a CPU, or is kept from one. If that accounts for less than half of it, the 1 is not believed.
 */
function believeUtilisation(
  { utilisation, cpuUs, cpuWaitUs }: WorkerSample,
  { elapsedUs, stoppedUs = 0, hostStolenUs = 0 }: GeneratorSample,
  { reportedUs }: WorkerSums,
): number | undefined {
  if (utilisation !== 1) return utilisation;
  // The system reported the CPU time of this thread before, and no longer does, so the thread had ended.
  if (cpuUs === undefined || cpuWaitUs === undefined)
    return reportedUs > 0 ? undefined : utilisation;
  return cpuUs + cpuWaitUs + stoppedUs + hostStolenUs < elapsedUs / 2 ? undefined : utilisation;
}

/** Returns 0 if the use of the worker's loop is not known. */
function utilisationOf({ activeUs, loopUs }: WorkerSums): number {
  return loopUs > 0 ? activeUs / loopUs : 0;
}

function waitShareOf({ waitUs, reportedUs }: WorkerSums): number {
  return reportedUs > 0 ? waitUs / reportedUs : 0;
}

/**
 * Returns how much of the time it ran, leaving out the time that it waited for a CPU; its utilisation if the system
 * does not report these.
 */
function demandOf(sums: WorkerSums): number {
  const { cpuUs, reportedUs, waitUs } = sums;
  return reportedUs > waitUs ? cpuUs / (reportedUs - waitUs) : utilisationOf(sums);
}

function toMs(us: number): number {
  return Math.round(us / 1000);
}
