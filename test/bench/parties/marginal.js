// @ts-check

/**
 * What a run did and took. `cpuUs` is user + system time of the whole process, `kernelUs` the system time in it.
 *
 * @typedef {{ connects: number, cpuUs: number, kernelUs: number, elapsedUs: number }} Run
 * @typedef {{ cpuUsPerConnect: number, kernelUsPerConnect: number, ratePerSecond: number }} Marginal
 */

/**
 * What each further connect takes: the difference of two runs that differ in length alone, divided by the difference of
 * their connects. What both runs do once cancels out: the start of the process, reading the scenario, V8's compiling in
 * the first seconds, the summary at the end. What the longer run does more of stays in: connecting, closing, recording,
 * pacing, garbage collection, and what is done each second whatever the rate. The scatter is that of both runs.
 *
 * @param {Run} short @param {Run} long
 * @returns {Marginal} Throws where the longer run did not do more or take more.
 */
export function marginalOf(short, long) {
  const connects = long.connects - short.connects;
  const cpuUs = long.cpuUs - short.cpuUs;
  const elapsedUs = long.elapsedUs - short.elapsedUs;
  if (!(connects > 0 && cpuUs > 0 && elapsedUs > 0)) {
    const tell = (/** @type {Run} */ run) =>
      `${run.connects} connects, ${run.cpuUs} us of CPU in ${run.elapsedUs} us`;
    throw new Error(
      `the longer run must do and take more than the shorter one: ${tell(long)}, after ${tell(short)}`,
    );
  }
  return {
    cpuUsPerConnect: cpuUs / connects,
    kernelUsPerConnect: (long.kernelUs - short.kernelUs) / connects,
    ratePerSecond: (connects * 1e6) / elapsedUs,
  };
}

/**
 * Runs both and tells the difference.
 *
 * @param {(length: number) => Promise<Run>} run @param {import('../plan.js').Lengths} lengths
 */
export async function measureMarginal(run, { short, long }) {
  const first = await run(short);
  return marginalOf(first, await run(long));
}
