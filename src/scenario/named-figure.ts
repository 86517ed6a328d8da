/**
 * Figures of a run that are no quantile of a time, by their names. Budgets, answers, reports and the docs know a new
 * figure by its line here; how it is read from a summary is a line in src/analysis/readings/named-figures.ts.
 */

/** Units: microseconds, a share from 0 to 1, a whole number, a number, a rate per second, bytes. */
export type FigureUnit = 'us' | 'share' | 'count' | 'ratio' | 'perSecond' | 'bytes';

/** What a scenario must have so that the figure can exist. */
export type FigureNeed =
  | 'search'
  | 'latencyGoal'
  | 'retry'
  | 'goal'
  | 'disturbance'
  | 'disturbedArrivals'
  | 'reconnects'
  | 'restart'
  | 'schedule'
  | 'arrivals'
  | 'queries'
  | 'probes'
  | 'held'
  | 'cpuOfQueries';

export interface NamedFigure {
  unit: FigureUnit;
  /** Which values are good: a budget on `most` is a lower limit, one on `least` an upper limit. */
  best: 'most' | 'least';
  /** The figure in a sentence: `goodput`, `connects/s`. */
  words: string;
  /** Absent: every load has the figure, except a search. */
  needs?: FigureNeed;
  /** Whether a search has it, too, over all the rates that it tried. Absent: no. */
  mixes?: true;
}

export const NAMED_FIGURES = {
  'ok rate': { unit: 'share', best: 'most', words: 'the share of attempts that became ready' },
  'failed rate': { unit: 'share', best: 'least', words: 'the share of attempts that failed' },
  'failed count': { unit: 'count', best: 'least', words: 'the number of failed attempts' },
  'dropped rate': {
    unit: 'share',
    best: 'least',
    words: 'the share of arrivals that were dropped',
    needs: 'schedule',
  },
  'dropped count': {
    unit: 'count',
    best: 'least',
    words: 'the number of dropped arrivals',
    needs: 'schedule',
  },
  'queryFailed rate': {
    unit: 'share',
    best: 'least',
    words: 'the share of connections whose query failed',
    needs: 'queries',
  },
  'queryFailed count': {
    unit: 'count',
    best: 'least',
    words: 'the number of connections whose query failed',
    needs: 'queries',
  },
  'cut rate': { unit: 'share', best: 'least', words: 'the share of connections that were cut' },
  'cut count': { unit: 'count', best: 'least', words: 'the number of connections that were cut' },
  'goodput rate': { unit: 'share', best: 'most', words: 'goodput', needs: 'goal' },
  'goodput perSecond': { unit: 'perSecond', best: 'most', words: 'goodput', needs: 'goal' },
  'attemptsPerSuccess avg': {
    unit: 'ratio',
    best: 'least',
    words: 'the number of attempts for each success',
    needs: 'retry',
  },
  'outage max': {
    unit: 'us',
    best: 'least',
    words: 'the longest outage',
    needs: 'disturbance',
  },
  'recovery max': {
    unit: 'us',
    best: 'least',
    words: 'the longest time until clients were served as before',
    needs: 'disturbedArrivals',
  },
  'allBack after': {
    unit: 'us',
    best: 'least',
    words: 'the time until all cut clients were back',
    needs: 'reconnects',
  },
  'stopped after': {
    unit: 'us',
    best: 'least',
    words: 'the time until the server had stopped',
    needs: 'restart',
  },
  'accepts after': {
    unit: 'us',
    best: 'least',
    words: 'the time until the server accepted logins again',
    needs: 'restart',
  },
  'serves after': {
    unit: 'us',
    best: 'least',
    words: 'the time until the first client was connected again',
    needs: 'restart',
  },
  'tcpRefused count': {
    unit: 'count',
    best: 'least',
    words: 'the number of attempts refused because nothing listened (ECONNREFUSED)',
  },
  'tcpReset count': {
    unit: 'count',
    best: 'least',
    words: 'the number of attempts whose TCP connection was reset (ECONNRESET)',
  },
  'cannotConnectNow count': {
    unit: 'count',
    best: 'least',
    words: 'the number of attempts refused because the server was stopping or starting (57P03)',
  },
  'achieved perSecond': { unit: 'perSecond', best: 'most', words: 'the rate of connects' },
  'connected after': {
    unit: 'us',
    best: 'least',
    words: 'the time until the last client was connected',
    needs: 'arrivals',
  },
  'drained after': {
    unit: 'us',
    best: 'least',
    words: 'the time to drain the backlog',
    needs: 'arrivals',
  },
  'inFlight most': {
    unit: 'count',
    best: 'least',
    words: 'the largest number of attempts in flight',
    needs: 'arrivals',
  },
  'queries perSecond': {
    unit: 'perSecond',
    best: 'most',
    words: 'the rate of queries',
    needs: 'queries',
  },
  'server cpuPerQuery': {
    unit: 'us',
    best: 'least',
    words: "the server's CPU time for a query, connects included",
    needs: 'cpuOfQueries',
  },
  'server cpuPerConnect': {
    unit: 'us',
    best: 'least',
    words: "the server's CPU time for a connect",
    needs: 'probes',
    mixes: true,
  },
  'postmaster cpuPerConnect': {
    unit: 'us',
    best: 'least',
    words: "the postmaster's CPU time for a connect",
    needs: 'probes',
    mixes: true,
  },
  'held fewest': {
    unit: 'count',
    best: 'most',
    words: 'the number of connections that were held',
    needs: 'held',
  },
  'held memoryEach': {
    unit: 'bytes',
    best: 'least',
    words: 'the private memory of each held connection',
    needs: 'held',
  },
  'generator cpuPerConnect': {
    unit: 'us',
    best: 'least',
    words: "connstorm's own CPU time for a connect",
  },
  'backends most': {
    unit: 'count',
    best: 'least',
    words: 'the largest number of backends',
    needs: 'probes',
  },
  'capacity value': { unit: 'perSecond', best: 'most', words: 'capacity', needs: 'search' },
  'capacity underGoal': {
    unit: 'perSecond',
    best: 'most',
    words: 'capacity within the goal',
    needs: 'latencyGoal',
  },
} as const satisfies Record<string, NamedFigure>;

export type FigureName = keyof typeof NAMED_FIGURES;

export const FIGURE_NAMES = Object.keys(NAMED_FIGURES) as FigureName[];

/** Returns the settings of a figure. */
export function describeNamed(name: FigureName): NamedFigure {
  return NAMED_FIGURES[name];
}
