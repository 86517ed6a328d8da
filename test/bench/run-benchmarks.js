// @ts-check

/**
 * Runs each and hands on its rows as they are measured. What fails is told, and the others go on: their figures are worth
 * having.
 *
 * @param {Record<string, import('./benchmarks.js').Benchmark>} benchmarks @param {string[]} names Of those to run.
 * @param {Omit<import('./benchmarks.js').Bench, 'noteFailure'>} bench
 * @param {Pick<ReturnType<typeof import('./output/output.js').createOutput>, 'progress' | 'row' | 'error'>} output
 * @returns {Promise<number>} How many failures there were.
 */
export async function runBenchmarks(benchmarks, names, bench, output) {
  let failures = 0;
  for (const name of names) {
    const noteFailure = (/** @type {unknown} */ error) => {
      output.error(name, error);
      failures += 1;
    };
    output.progress(name);
    try {
      for await (const row of benchmarks[name]?.({ ...bench, noteFailure }) ?? []) {
        output.row(name, row);
      }
    } catch (error) {
      noteFailure(error);
    }
  }
  return failures;
}
