import { medianOf } from '../figures/median.ts';

/**
 * Figures that a stretch of load is judged by. A figure that was not seen is absent, and no rule holds by it. Times are
 * in microseconds, shares from 0 to 1.
 */

/** The ways to combine a figure of several steps. */
type Across = 'median' | 'sum' | 'most';

export interface FigureText {
  /** Text of the figure in a list of evidence. */
  text: string;
  unit: '%' | 'ms' | '/s' | '1';
  across: Across;
  /** The figure is left out if it is 0. */
  isSilentAtZero?: boolean;
}

export const FIGURES = {
  offeredPerSecond: { text: 'offered', unit: '/s', across: 'median' },
  achievedPerSecond: { text: 'achieved', unit: '/s', across: 'median' },
  startedCount: { text: 'connects tried', unit: '1', across: 'sum' },
  refusedCount: {
    text: 'connects refused because no slot was free',
    unit: '1',
    across: 'sum',
    isSilentAtZero: true,
  },
  timedOutCount: { text: 'connects timed out', unit: '1', across: 'sum', isSilentAtZero: true },
  brokenCount: {
    text: 'connects failed for other reasons',
    unit: '1',
    across: 'sum',
    isSilentAtZero: true,
  },
  localFailureCount: {
    text: "connects failed at limits of connstorm's machine",
    unit: '1',
    across: 'sum',
    isSilentAtZero: true,
  },
  latenessP50Us: { text: "connstorm's lateness, median", unit: 'ms', across: 'median' },
  keyWaitUs: {
    text: "wait of logins for connstorm's own SCRAM keys",
    unit: 'ms',
    across: 'median',
  },
  keyWaitOfUs: { text: 'service time at the same percentile', unit: 'ms', across: 'median' },
  tcpP50Us: { text: 'tcp, median', unit: 'ms', across: 'median' },
  tcpP99Us: { text: 'tcp, p99', unit: 'ms', across: 'median' },
  spawnP50Us: { text: 'spawn, median', unit: 'ms', across: 'median' },
  tlsP50Us: { text: 'tls, median', unit: 'ms', across: 'median' },
  authP50Us: { text: 'auth, median', unit: 'ms', across: 'median' },
  readyP50Us: { text: 'ready, median', unit: 'ms', across: 'median' },
  queryP50Us: { text: 'first query, counted from ready, median', unit: 'ms', across: 'median' },
  backendP50Us: {
    text: "the backend's part of the connect (tls, auth, ready)",
    unit: 'ms',
    across: 'median',
  },
  setupP50Us: { text: "setup by the server's own clock, median", unit: 'ms', across: 'median' },
  serverAuthP50Us: {
    text: "authentication by the server's own clock, median",
    unit: 'ms',
    across: 'median',
  },
  queueWaitP50Us: { text: 'wait in the accept queue, median', unit: 'ms', across: 'median' },
  canaryP90Us: { text: 'canary, p90', unit: 'ms', across: 'median' },
  postmasterOnCpuShare: { text: 'the postmaster was on a CPU', unit: '%', across: 'median' },
  postmasterWaitShare: { text: 'the postmaster waited for a CPU', unit: '%', across: 'median' },
  postmasterCpusShare: {
    text: "of the host's CPUs went to the postmaster",
    unit: '%',
    across: 'median',
  },
  hostIdleShare: { text: "the host's CPUs were idle", unit: '%', across: 'median' },
  hostStolenShare: {
    text: "of the host's CPUs were given to other machines by the hypervisor (steal)",
    unit: '%',
    across: 'median',
    isSilentAtZero: true,
  },
  backendsCpuShare: {
    text: "of the host's CPUs went to backends (counted when they end)",
    unit: '%',
    across: 'median',
  },
  ownCpuShare: {
    text: "of the CPUs of connstorm's host went to connstorm",
    unit: '%',
    across: 'median',
  },
  ownIdleShare: { text: "of the CPUs of connstorm's host were idle", unit: '%', across: 'median' },
  othersCpuShare: {
    text: "of the host's CPUs went to other processes",
    unit: '%',
    across: 'median',
    isSilentAtZero: true,
  },
  throttledShare: {
    text: "of the time the server's cgroup was throttled by its CPU quota",
    unit: '%',
    across: 'median',
    isSilentAtZero: true,
  },
  acceptQueueMost: { text: 'connections in the accept queue, at most', unit: '1', across: 'most' },
  acceptQueueLimit: { text: 'size of the accept queue', unit: '1', across: 'most' },
  listenOverflows: {
    text: 'packets met a full accept queue',
    unit: '1',
    across: 'sum',
    isSilentAtZero: true,
  },
  parallelPerSecond: {
    text: 'parallel workers launched',
    unit: '/s',
    across: 'median',
    isSilentAtZero: true,
  },
  poolerCpuShare: { text: 'of one CPU went to the pooler', unit: '%', across: 'median' },
  poolerWaitingMedian: { text: 'clients waited in the pooler', unit: '1', across: 'median' },
  poolerWaitMostUs: { text: 'longest wait in the pooler', unit: 'ms', across: 'most' },
  poolerIdleServers: {
    text: "of the pooler's server connections were idle",
    unit: '1',
    across: 'median',
  },
} as const satisfies Record<string, FigureText>;

export type FigureName = keyof typeof FIGURES;
export type Figures = Partial<Record<FigureName, number>>;

const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/**
 * Combines the figures of several steps, each figure by itself. With a median, one step that something else held up
 * does not decide.
 */
export function combineFigures(steps: readonly Figures[]): Figures {
  const combined: Figures = {};
  for (const name of FIGURE_NAMES) {
    const values = steps.flatMap((figures) => figures[name] ?? []);
    if (values.length > 0) combined[name] = COMBINE[FIGURES[name].across](values);
  }
  return combined;
}

const COMBINE: Record<Across, (values: readonly number[]) => number> = {
  median: medianOf,
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  most: (values) => Math.max(...values),
};
