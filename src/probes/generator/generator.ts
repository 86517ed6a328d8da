import { availableParallelism, cpus } from 'node:os';
import { readMonotonicUs } from '../../clock.ts';
import type { GeneratorSample, WorkerSample } from '../../result/records/samples.ts';
import {
  countDescriptors,
  type HostCpu,
  readHostCpu,
  readTcpSockets,
} from '../proc/own-process.ts';
import { LOOK_EVERY_MS, StopWatch } from '../proc/stops.ts';
import { type WatchedThread, WorkerProbe } from './worker.ts';

/**
 * Samples connstorm itself: its process, its pacing threads, and its share of the host. Every sample is the difference
 * to the previous one. Reading costs the pacing threads nothing.
 */
export class GeneratorProbe {
  readonly #stops = new StopWatch();
  readonly #workers: readonly WorkerProbe[];
  readonly #looking: NodeJS.Timeout;
  #before = readUsage();

  constructor(threads: readonly WatchedThread[]) {
    this.#workers = threads.map((thread, worker) => new WorkerProbe(thread, worker));
    this.#looking = setInterval(() => {
      this.#stops.look();
      for (const probe of this.#workers) probe.look();
    }, LOOK_EVERY_MS);
    this.#looking.unref();
  }

  sample(atUs: number): GeneratorSample {
    const before = this.#before;
    const usage = readUsage(before.host);
    this.#before = usage;
    const elapsedUs = usage.atUs - before.atUs;
    const stolenUs = usage.host.stolenUs - before.host.stolenUs;
    const stoppedUs = this.#stops.takeStoppedUs();
    return {
      type: 'sample',
      probe: 'generator',
      atUs,
      elapsedUs,
      cpuUs: usage.cpuUs - before.cpuUs,
      hostBusyUs: usage.host.busyUs - before.host.busyUs,
      hostTotalUs: elapsedUs * PROCESSORS,
      ...(stolenUs > 0 ? { hostStolenUs: stolenUs } : {}),
      ...(stoppedUs > 0 ? { stoppedUs } : {}),
      ...readLimited(),
      workers: this.#sampleWorkers(),
    };
  }

  /** May be called twice. */
  stop(): void {
    clearInterval(this.#looking);
  }

  #sampleWorkers(): WorkerSample[] {
    return this.#workers.flatMap((probe) => probe.sample() ?? []);
  }
}

/** All processors of the host, whether or not this process may use them. */
const PROCESSORS = cpus().length || availableParallelism();

interface Usage {
  atUs: number;
  cpuUs: number;
  host: HostCpu;
}

/** Reads the current totals. `last`: the host's totals at the previous reading; undefined at first. */
function readUsage(last?: HostCpu): Usage {
  const { user, system } = process.cpuUsage();
  return { atUs: readMonotonicUs(), cpuUs: user + system, host: chooseHost(readHostCpu(), last) };
}

/**
 * Returns the host's totals. If /proc can only be read now and then, as when descriptors have run out, the totals stand
 * still until it can be read again.
 */
export function chooseHost(reported: HostCpu | undefined, last: HostCpu | undefined): HostCpu {
  if (reported !== undefined) return reported;
  const summed = sumProcessors();
  return last !== undefined && summed.busyUs < last.busyUs ? last : summed;
}

/** Adds up the CPU times that Node reports, for systems without /proc. */
function sumProcessors(): HostCpu {
  const busyMs = cpus().reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
  return { busyUs: busyMs * 1000, stolenUs: 0 };
}

function readLimited(): Pick<GeneratorSample, 'descriptors' | 'sockets'> {
  const descriptors = countDescriptors();
  const sockets = readTcpSockets();
  return {
    ...(descriptors === undefined ? {} : { descriptors }),
    ...(sockets === undefined ? {} : { sockets }),
  };
}
