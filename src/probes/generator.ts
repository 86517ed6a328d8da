import { cpus } from 'node:os';
import { readMonotonicUs } from '../clock.ts';
import type { SampleRecord } from '../result/records.ts';

/** Samples connstorm's own process and the CPUs of its host; every sample is the difference to the one before. */
export class GeneratorProbe {
  #before = readUsage();

  sample(atUs: number): SampleRecord {
    const before = this.#before;
    const usage = readUsage();
    this.#before = usage;
    return {
      type: 'sample',
      probe: 'generator',
      atUs,
      elapsedUs: usage.atUs - before.atUs,
      cpuUs: usage.cpuUs - before.cpuUs,
      hostBusyUs: usage.hostBusyUs - before.hostBusyUs,
      hostTotalUs: usage.hostTotalUs - before.hostTotalUs,
    };
  }
}

function readUsage(): { atUs: number; cpuUs: number; hostBusyUs: number; hostTotalUs: number } {
  const { user, system } = process.cpuUsage();
  const processors = cpus();
  const atUs = readMonotonicUs();
  const busyMs = processors.reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
  // Not the sum of the reported times: they leave out what the hypervisor took and the wait for disks.
  return {
    atUs,
    cpuUs: user + system,
    hostBusyUs: busyMs * 1000,
    hostTotalUs: atUs * processors.length,
  };
}
