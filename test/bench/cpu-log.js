// @ts-check

import { readFileSync } from 'node:fs';

/** CPU time since the process began, at a moment of performance.now(). @typedef {{ atMs: number, userUs: number, kernelUs: number }} CpuReading */

/** sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on. */
const TICK_US = 10_000;

/**
 * Of all threads of a process, see proc_pid_stat(5).
 *
 * @param {number} pid
 * @returns {CpuReading | null} Null where it has ended, or there is no /proc.
 */
export function readCpu(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user, kernel] = [Number(fields[11]), Number(fields[12])];
    return { atMs: performance.now(), userUs: user * TICK_US, kernelUs: kernel * TICK_US };
  } catch {
    return null;
  }
}

/** What a process had used of the CPU, read as it ran. */
export class CpuLog {
  /** @type {CpuReading[]} */
  #readings = [];

  /** @param {CpuReading | null} reading Later than those before. */
  add(reading) {
    if (reading !== null) this.#readings.push(reading);
  }

  /**
   * What was used from one moment to another. Throws where the readings do not reach that far.
   *
   * @param {number} fromMs @param {number} toMs Of performance.now().
   */
  between(fromMs, toMs) {
    const [from, to] = [this.#at(fromMs), this.#at(toMs)];
    return { cpuUs: to.cpuUs - from.cpuUs, kernelUs: to.kernelUs - from.kernelUs };
  }

  /** On the straight line between the readings around it. @param {number} atMs */
  #at(atMs) {
    const next = this.#readings.findIndex((reading) => reading.atMs >= atMs);
    const [before, after] = [this.#readings[next - 1], this.#readings[next]];
    if (before === undefined || after === undefined) {
      throw new Error('the CPU of the process was not read for as long as it was to be measured');
    }
    const share = (atMs - before.atMs) / (after.atMs - before.atMs);
    const kernelUs = before.kernelUs + share * (after.kernelUs - before.kernelUs);
    const userUs = before.userUs + share * (after.userUs - before.userUs);
    return { cpuUs: userUs + kernelUs, kernelUs };
  }
}
