/** What is measured of an attempt, and how it fails: the vocabulary of records and of what writes them. */

/** Durations of an attempt, in integer microseconds, each kept as a histogram. */
export const METRICS = [
  'latency',
  'serviceTime',
  'lateness',
  'firstQuery',
  'firstQueryServiceTime',
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

/** The figures that the summary prints as metrics; the censored ones serve these and are not printed. */
export type SummaryMetric = Exclude<
  Metric,
  'censoredLatency' | 'censoredServiceTime' | 'censoredClose' | 'censoredSessionLatency'
>;

/** The pieces of an attempt, in their order; an ok attempt's present ones sum up to its service time (`query` and `close` are after it). */
export const PHASES = ['tcp', 'spawn', 'tls', 'auth', 'ready', 'query', 'close'] as const;
export type Phase = (typeof PHASES)[number];
export type AttemptPhase = Exclude<Phase, 'query' | 'close'>;

/** Where a failure was met: in a phase, or in the hold between `query` and `close`, whose length is our own choice and no figure. */
export const FAILURE_PHASES = [...PHASES, 'hold'] as const;
export type FailurePhase = (typeof FAILURE_PHASES)[number];

/** What the end of `spawn` was seen by; spawns of different boundaries are never compared. */
export const BOUNDARIES = ['absent', 'sslrequest', 'auth-request', 'tls'] as const;
export type Boundary = (typeof BOUNDARIES)[number];

/** Who gave out: the server said so, the network, this machine's own limits, nobody in time, or bytes that are not Postgres. */
export const LAYERS = ['server', 'network', 'local', 'timeout', 'protocol'] as const;
export type Layer = (typeof LAYERS)[number];

export interface Failure {
  layer: Layer;
  phase: FailurePhase;
  /** SQLSTATE, errno name (`ECONNRESET`) or one of ours (`TIMEOUT`, `CLOSED`, `NOT_POSTGRES`, `BAD_SIGNATURE`, ...). */
  code: string;
  /** The message as it came, cut to 200 characters. */
  message: string;
  /** What the server called it, untranslated. Only while a run goes on: records do without. */
  severity?: string;
}

/** A thread counts so many different SCRAM salts: a pooler with a new one at each login would fill its memory. */
export const MOST_SALTS = 1000;

/** A pacing thread comes to a timer so often. Each wakes an idle thread, which costs a tenth of a millisecond: no oftener. */
export const LOOP_BEAT_US = 50_000;

/** A process that ran for none of so long was stopped; less may be a timer's own. */
export const SHORTEST_STOP_US = 50_000;

/** An HDR histogram (lowest 1 us, 3 significant digits, auto-ranging); the exact figures stand beside it because decoding loses them. */
export interface EncodedHistogram {
  count: number;
  minUs: number;
  maxUs: number;
  sumUs: number;
  /** HdrHistogram V2, compressed, base64. */
  data: string;
}
