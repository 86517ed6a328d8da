/** The measures of an attempt, and how it fails: the vocabulary of records and of the code that writes them. */

/** Durations of an attempt, in integer microseconds. Each is kept as a histogram. */
export const METRICS = [
  'latency',
  'serviceTime',
  'lateness',
  'firstQuery',
  'firstQueryServiceTime',
  'usable',
  'usableServiceTime',
  'failedLatency',
  'censoredLatency',
  'censoredServiceTime',
  'censoredClose',
  'tcp',
  'spawn',
  'tls',
  'auth',
  'ready',
  'query',
  'close',
  'serverSetup',
  'serverFork',
  'serverAuth',
  'queueWait',
  'queueWaitEstimate',
  'sessionLatency',
  'censoredSessionLatency',
] as const;
export type Metric = (typeof METRICS)[number];

/** The metrics that the summary prints. The censored ones serve their computation and are not printed. */
export type SummaryMetric = Exclude<
  Metric,
  'censoredLatency' | 'censoredServiceTime' | 'censoredClose' | 'censoredSessionLatency'
>;

/**
 * The phases of an attempt, in their order. Those of an ok attempt add up to its service time; `query` and `close` come
 * after it.
 */
export const PHASES = ['tcp', 'spawn', 'tls', 'auth', 'ready', 'query', 'close'] as const;
export type Phase = (typeof PHASES)[number];
export type AttemptPhase = Exclude<Phase, 'query' | 'close'>;

/**
 * The phase in which a failure happened, or the hold between `query` and `close`. The scenario sets the hold's length,
 * so it is no figure.
 */
export const FAILURE_PHASES = [...PHASES, 'hold'] as const;
export type FailurePhase = (typeof FAILURE_PHASES)[number];

/** The event that marked the end of `spawn`. Spawns of different boundaries are never compared. */
export const BOUNDARIES = ['absent', 'sslrequest', 'auth-request', 'tls'] as const;
export type Boundary = (typeof BOUNDARIES)[number];

/**
 * The layer that failed: the server (it reported an error), the network, a limit of this machine, no answer in time, or
 * bytes that are not Postgres.
 */
export const LAYERS = ['server', 'network', 'local', 'timeout', 'protocol'] as const;
export type Layer = (typeof LAYERS)[number];

export interface Failure {
  layer: Layer;
  phase: FailurePhase;
  /**
   * SQLSTATE, errno name (`ECONNRESET`), or a code of connstorm's own (`TIMEOUT`, `CLOSED`, `NOT_POSTGRES`,
   * `BAD_SIGNATURE`, ...).
   */
  code: string;
  /** The message as it came, cut to 200 characters. */
  message: string;
  /** The server's severity, untranslated. Present only during a run; records do not keep it. */
  severity?: string;
}

/**
 * The most different SCRAM salts that a thread counts. A pooler with a new salt at each login would fill its memory.
 */
export const MOST_SALTS = 1000;

/**
 * The interval of a pacing thread's timer. Each beat wakes an idle thread, which costs 0.1 ms of CPU, so the interval
 * is not shorter.
 */
export const LOOP_BEAT_US = 50_000;

/**
 * A shorter gap in the beats of a process may be the timer's own lateness; a longer one means that the process was
 * stopped.
 */
export const SHORTEST_STOP_US = 50_000;

/**
 * An HDR histogram (lowest 1 us, 3 significant digits, auto-ranging). The exact figures are kept with it, because
 * decoding loses them.
 */
export interface EncodedHistogram {
  count: number;
  minUs: number;
  maxUs: number;
  sumUs: number;
  /** HdrHistogram V2, compressed, base64. */
  data: string;
}
