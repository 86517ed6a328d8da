// @ts-check

/**
 * What the command line asks for.
 *
 * @typedef {object} Wanted
 * @property {string[]} names Of benchmarks; empty: none was named.
 * @property {boolean} isQuick
 * @property {boolean} isJson
 * @property {string | null} buildFolder Of another checkout.
 */

/** @param {string[]} benchmarks @param {string[]} quick */
export function renderUsage(benchmarks, quick) {
  return `npm run bench -- [BENCHMARK...] [--quick] [--build DIR] [--json]

Prints what connstorm costs beside its rivals, measured by turns. Each row is printed once it is measured.

  BENCHMARK    default all, in some fifty minutes:
               ${benchmarks.join(', ')}
  --quick      ${quick.join(', ')}, or those named: the most telling rows with at most three rounds and
               shorter runs, in five minutes (without --build)
  --build DIR  another checkout of this project, measured beside this one (built if it is not): the ratio is this by other
  --json       to standard output a JSON line each: the header (type: header) with machine, versions and builds, then as
               they are measured the rows (row) and what failed (error). A row has the values of each round of connstorm, of
               the other build and of the rivals, the ratios by rounds with their median, and the goals with whether they are
               reached (null: nothing to judge by). Texts go to standard error.
  --help       this text

CPU of a connect is user + system time of the client process in a longer run less that in a shorter one, by the connects that it has
more: what both do once is not in it. Lateness, latency, start, memory, highest rate and recording are measured whole.
Exit codes: 0, 1 where a benchmark failed, 2 where the command line is wrong. A missed goal is no failure.`;
}

/**
 * @param {string[]} words @param {string[]} benchmarks Their names.
 * @returns {Wanted | { refusal: string } | 'help'} `refusal`: what is wrong, in one line.
 */
export function parseArguments(words, benchmarks) {
  /** @type {Wanted} */
  const wanted = { names: [], isQuick: false, isJson: false, buildFolder: null };
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [flag = '', value] = word.startsWith('--') ? splitAtEquals(word) : [word];
    if (flag === '--help' || flag === '-h') return 'help';
    if (value !== undefined && flag !== '--build') {
      if (flag === '--quick' || flag === '--json')
        return { refusal: `${flag} takes no value, got ${value}` };
    }
    if (flag === '--quick') wanted.isQuick = true;
    else if (flag === '--json') wanted.isJson = true;
    else if (flag === '--build') {
      const folder = value ?? left.shift();
      if (folder === undefined || folder === '' || folder.startsWith('--')) {
        return { refusal: '--build needs the folder of another checkout: --build DIR' };
      }
      if (wanted.buildFolder !== null)
        return { refusal: '--build was given twice: one other checkout is measured' };
      wanted.buildFolder = folder;
    } else if (flag.startsWith('-')) {
      return { refusal: `unknown flag ${flag}: there are --quick, --build DIR, --json and --help` };
    } else if (!benchmarks.includes(word)) {
      return { refusal: `no benchmark is called ${word}: there are ${benchmarks.join(', ')}` };
    } else wanted.names.push(word);
  }
  return wanted;
}

/** @param {string} word */
function splitAtEquals(word) {
  const at = word.indexOf('=');
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
