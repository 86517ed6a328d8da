/**
 * The records of a result file: one JSON object a line (NDJSON). The run writes them, everything that
 * judges or shows reads them. Times are integer microseconds since T0, the common start of all threads,
 * unless a name says otherwise. No record ever holds a password.
 */

/** The newest version of a file that is read. Raised when a reader of the former one could misread a file. */
export const RESULT_VERSION = 2;

/** Durations of an attempt, in integer microseconds, each kept as a histogram. */
export const METRICS = [
  'latency',
  'serviceTime',
  'lateness',
  'firstQuery',
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

/** The pieces of an attempt, in their order; an ok attempt's present ones sum up to its service time (`query` and `close` are after it). */
export const PHASES = ['tcp', 'spawn', 'tls', 'auth', 'ready', 'query', 'close'] as const;
export type Phase = (typeof PHASES)[number];
export type AttemptPhase = Exclude<Phase, 'query' | 'close'>;

/** What the end of `spawn` was seen by; spawns of different boundaries are never compared. */
export const BOUNDARIES = ['absent', 'sslrequest', 'auth-request', 'tls'] as const;
export type Boundary = (typeof BOUNDARIES)[number];

/** Who gave out: the server said so, the network, this machine's own limits, nobody in time, or bytes that are not Postgres. */
export const LAYERS = ['server', 'network', 'local', 'timeout', 'protocol'] as const;
export type Layer = (typeof LAYERS)[number];

export interface Failure {
  layer: Layer;
  phase: Phase;
  /** SQLSTATE, errno name (`ECONNRESET`) or one of ours (`TIMEOUT`, `CLOSED`, `NOT_POSTGRES`, `BAD_SIGNATURE`, ...). */
  code: string;
  /** The message as it came, cut to 200 characters. */
  message: string;
}

/**
 * Arrivals and attempts. Laws: due = dropped + begun; started = ok + failed + abandoned + cancelled + lost + inFlight.
 * Without sessions (retries) begun = started.
 */
export interface Accounting {
  /** Arrivals whose moment came before the stop. */
  due: number;
  /** Arrivals never started because a cap was reached. */
  dropped: number;
  begun: number;
  /** Attempts. */
  started: number;
  ok: number;
  failed: number;
  /** Given up on purpose while connecting, as `close: abandon` asks. */
  abandoned: number;
  /** Ended by the end of the run. */
  cancelled: number;
  /** Their worker died. */
  lost: number;
  /** Attempts not ended yet; 0 at the end of a whole file. */
  inFlight: number;
}

/** What happened after ReadyForQuery. Law: opened (= ok attempts) = closed + queryFailed + cut + lost + open. */
export interface ConnectionAccounting {
  opened: number;
  /** Closed by us, in the scenario's way; also where the server's FIN was then waited for in vain. */
  closed: number;
  /** The server answered a query with an error, or not in time. */
  queryFailed: number;
  /** Ended by the other side while we kept it. */
  cut: number;
  /** Their worker died. */
  lost: number;
  /** Still open; 0 at the end of a whole file. */
  open: number;
}

/**
 * Sessions: wishes to be connected, over all of their attempts. There are some where the scenario has `retry`. Laws:
 * begun = connected + gaveUp + cancelled + lost + waiting; begun = arrivals begun + reconnects; connected = ok.
 */
export interface SessionAccounting {
  begun: number;
  /** Of `begun`: of clients whose connection the server had cut, held (`cut`) or in a query (of `queryFailed`). */
  reconnects: number;
  connected: number;
  /** After their last attempt. */
  gaveUp: number;
  /** Ended by the end of the run or of their block. */
  cancelled: number;
  /** Their worker died. */
  lost: number;
  /** In an attempt, or waiting for the next one; 0 at the end of a whole file. */
  waiting: number;
  /** Attempts of the connected ones. */
  attempts: number;
  /** Of `connected`: within the scenario's goal; stays 0 where there is none. */
  withinGoal: number;
}

/**
 * Sessions that reconnect and belong together: each was cut while another one was not back yet, or at most
 * TOGETHER_US after another one was cut. Moments are microseconds since T0.
 */
export interface ReconnectStorm {
  firstCutUs: number;
  lastCutUs: number;
  /** When the last of them was back, gave up or was ended. */
  endUs: number;
  /** Law: cut = back + gaveUp + ended; over all storms, reconnects = cut + those that wait still. */
  cut: number;
  back: number;
  gaveUp: number;
  /** Cancelled or lost. */
  ended: number;
}

/** Cuts so close to each other are one storm even where the sessions are back at once. */
export const TOGETHER_US = 1_000_000;

/** An HDR histogram (lowest 1 us, 3 significant digits, auto-ranging); the exact figures stand beside it because decoding loses them. */
export interface EncodedHistogram {
  count: number;
  minUs: number;
  maxUs: number;
  sumUs: number;
  /** HdrHistogram V2, compressed, base64. */
  data: string;
}

/** What ended in one interval among the arrivals of one step; all figures are differences, not totals. */
export interface StepInterval {
  step: number;
  counts: Omit<Accounting, 'inFlight'>;
  /** ok attempts, of whichever step, that became ready within this step's own window of time: what it achieved. */
  completed: number;
  /** When the latest of the step's arrivals (or sessions, without reconnects) was connected; absent where none was. */
  lastConnectedUs?: number;
  /** Of `failed`: those that ended by timeout (they are censored, not known to be slower than anything). */
  timedOut: number;
  /** Of `failed`: those of layer `local`, by code; this machine's own limits make a step invalid. */
  localFailures: Record<string, number>;
  connections: Omit<ConnectionAccounting, 'open'>;
  /** Ok attempts by the boundary of their spawn. */
  boundaries: Partial<Record<Boundary, number>>;
  /**
   * Ok attempts whose server told its own times (the counter of serverSetup, serverFork, serverAuth and queueWait), and
   * backends that told their age (of queueWaitEstimate). Left out where there are none.
   */
  serverTimes?: { told: number; sampled: number };
  /** Left out where there are none. */
  sessions?: Omit<SessionAccounting, 'waiting'>;
  histograms: Partial<Record<Metric, EncodedHistogram>>;
}

export interface ErrorCount extends Failure {
  /** What makes two failures the same: the message with numbers and ids replaced. */
  normalised: string;
  count: number;
  /** `attempt`: before ReadyForQuery; `connection`: after it (its own ledger). */
  ledger: 'attempt' | 'connection';
}

/** One ok attempt, whole: scheduled at `scheduledUs`, its pieces in microseconds; an absent phase is left out. */
export interface SlowAttempt {
  step: number;
  index: number;
  scheduledUs: number;
  latencyUs: number;
  latenessUs: number;
  phases: Partial<Record<AttemptPhase, number>>;
  /** Where the server told its own times: its total, and the wait before it. */
  serverSetupUs?: number;
  queueWaitUs?: number;
}

export interface StepRecord {
  index: number;
  fromUs: number;
  toUs: number;
  /** Index into the plan's blocks; absent: 0. */
  block?: number;
  /** Absent: open. A closed loop has no schedule: no latency and no lateness. */
  loop?: 'open' | 'closed';
  /** Offered rate at its start and end, equal when constant; absent in a closed loop and for clients at once. */
  startRatePerSecond?: number;
  endRatePerSecond?: number;
  /** In a closed loop: the number of clients likewise. */
  startClients?: number;
  endClients?: number;
  /** The most at any time within it. */
  mostClients?: number;
}

/** A block of load. */
export interface BlockRecord {
  /** `load` where there is but one. */
  name: string;
  executor: string;
  fromUs: number;
  toUs: number;
  /** Its own caps, all workers together; absent: none. */
  maxInFlight?: number;
  maxOpen?: number;
}

export interface ServerFindings {
  version: string | null;
  tls: string | null;
  auth: string | null;
  /** The server's settings that matter for connecting, by name, as `SHOW` prints them. */
  settings: Record<string, string>;
  slots: { max: number; reserved: number; used: number; free: number } | null;
  pooler: boolean | null;
}

/** One of several servers. */
export interface HostRecord {
  host: string;
  address: string;
  port: number;
  sslmode: string;
  server: ServerFindings;
}

/** Of a run of one scenario without variants. */
export interface HeaderRecord {
  type: 'header';
  version: 1;
  connstorm: string;
  /** Wall-clock time of T0, ISO 8601. */
  startedAt: string;
  /** The scenario's name: the built-in's or the file's without its ending. */
  scenario: string;
  /** The scenario as run: defaults, file, environment and flags applied. */
  spec: Record<string, unknown>;
  plan: {
    executor: string;
    seed: number;
    workers: number;
    /** Attempts not yet ready, all workers together. */
    maxInFlight: number;
    /** Of the open-loop blocks; null where there is none. */
    arrivalCount: number | null;
    /** Of the closed-loop blocks, at most; absent where there is none. */
    clientCount?: number;
    durationUs: number;
    /** What sessions are to be connected within; absent: no goal. */
    goalUs?: number;
    /** Absent: one, of the executor above. */
    blocks?: BlockRecord[];
    /** Of all blocks, numbered through. More than one for a ramp. */
    steps: StepRecord[];
  };
  environment: {
    node: string;
    os: string;
    arch: string;
    cpuModel: string;
    cpuCount: number;
    memoryBytes: number;
    /** Soft limit of open descriptors, where known. */
    descriptorLimit: number | null;
    /** First and last local port, where known. */
    localPorts: [number, number] | null;
    /** The CPUs that `--pin` gave to connstorm and to the lab's server, as lists of numbers. */
    pinned?: { generator?: string; server?: string };
  };
  /** What the server was asked to tell of each connect; absent: nothing. */
  serverTimes?: {
    /** The setup notice, at every connect: asked for, or listened to where the server writes it anyway; null: neither. */
    notice: 'asked' | 'listened' | null;
    /** The backend's age, every so many arrivals; null: never. */
    sampleEvery: number | null;
  };
  target: {
    role: string;
    /** Started by us for this run. */
    lab: boolean;
    /** By how much the lab's server yields the CPU to connstorm; null without a lab, or where that is not allowed. */
    labNiceness: number | null;
    /** As given; of a Unix socket its directory. */
    host: string;
    /** An IP address, or the path of a Unix socket. */
    address: string;
    port: number;
    database: string;
    user: string;
    /** As it was followed: `require` with a root certificate verifies it and is `verify-ca`. */
    sslmode: string;
    /** How long resolving the name took; null for an address. */
    dnsUs: number | null;
    /** What the login found; of several hosts the first one's. */
    server: ServerFindings;
    /**
     * The servers that attempts are spread over, the one above first: arrival i goes to hosts[i modulo their number].
     * Absent: all attempts go to the one above.
     */
    hosts?: HostRecord[];
    /** What hosts had to be to be stormed, as libpq's target_session_attrs; absent: any. */
    sessionAttrs?: string;
  };
}

/** One variant: a whole run by itself, as a header tells it. */
export interface VariantRecord
  extends Pick<HeaderRecord, 'spec' | 'plan' | 'serverTimes' | 'target'> {
  name: string;
}

/** One repetition of all variants: which of them in which order, all with the same seed. */
export interface RoundRecord {
  /** From 1. */
  round: number;
  seed: number;
  order: string[];
}

/** Of a run of several variants, or of several rounds; a scenario without variants that is repeated has one, `base`. */
export interface VariantsHeaderRecord
  extends Pick<HeaderRecord, 'type' | 'connstorm' | 'startedAt' | 'scenario' | 'environment'> {
  version: 2;
  /** Of the first round; `plan.seed` of every variant is this one. */
  seed: number;
  variants: VariantRecord[];
  rounds: RoundRecord[];
}

export type AnyHeader = HeaderRecord | VariantsHeaderRecord;

/**
 * Opens one variant's turn in a round: the intervals, samples and decisions that follow, up to the `legEnd`, are its.
 * Their times are since the T0 of the whole run, as everywhere; those of its plan are since `fromUs`.
 */
export interface LegRecord {
  type: 'leg';
  variant: string;
  round: number;
  seed: number;
  /** The leg's own T0. Nothing is measured across legs: it is good to some microseconds. */
  fromUs: number;
}

/** A leg has come to its end: nothing of it is under way any more. */
export interface LegEndRecord extends Omit<EndRecord, 'type'> {
  type: 'legEnd';
}

export interface IntervalRecord {
  type: 'interval';
  fromUs: number;
  toUs: number;
  /** At `toUs`. */
  inFlight: number;
  open: number;
  /** Sessions that are not over, at `toUs`; absent where there are none. */
  waiting?: number;
  /** The most attempts that failed with no ok one in between, counted on from the interval before; absent: 0. */
  failedInARow?: number;
  /** Of the sessions that were back, or over, in this interval; absent where there are none. */
  reconnects?: ReconnectStorm[];
  /** Attempts in flight, about ten times a second, in the order of time: at most ten. */
  inFlightSamples?: number[];
  /** Only the steps with something to tell. */
  steps: StepInterval[];
  errors: ErrorCount[];
  /** The slowest ok attempts that ended in the interval, slowest first; bounded. */
  slowest: SlowAttempt[];
}

/**
 * One sample of a probe; `generator` is connstorm's own process and what it sees of its host. What the system does not
 * tell is left out. Failures for want of this machine's own means are in the intervals (`localFailures`).
 */
export interface SampleRecord {
  type: 'sample';
  probe: 'generator';
  atUs: number;
  /** Since the sample before. */
  elapsedUs: number;
  /** User + system time of this process, all threads. */
  cpuUs: number;
  /** Busy and total time of all CPUs of the host. */
  hostBusyUs: number;
  hostTotalUs: number;
  /** Of `hostTotalUs`: CPU time that the hypervisor gave to others. */
  hostStolenUs?: number;
  /** The process was neither running nor waiting for a CPU though it had something to do: somebody stopped it. */
  stoppedUs?: number;
  /** Open descriptors of the process. */
  descriptors?: number;
  /** TCP sockets of the network namespace, whoever's they are. */
  sockets?: { inUse: number; timeWait: number };
  workers?: WorkerSample[];
}

/** One pacing thread since the sample before. */
export interface WorkerSample {
  /** From 0. */
  worker: number;
  /** Share of the time in which its event loop had something to do, 0 to 1; waiting for a CPU is in it. */
  utilisation: number;
  /** How much too late its loop came to a timer, at most. */
  loopDelayUs: number;
  /** Of the arrivals that it came to, dropped ones too; null without any. */
  arrivals: number;
  latenessP99Us: number | null;
  latenessMaxUs: number | null;
  /** Time on a CPU, and ready to run without getting one. */
  cpuUs?: number;
  cpuWaitUs?: number;
}

/** What the kill switch saw in about a second: the server through the eyes of others. */
export interface WatchRecord {
  type: 'watch';
  atUs: number;
  /** A trivial query every 0.1 s on a connection opened before the storm: those answered since the record before. */
  canary: { answered: number; meanUs: number | null; maxUs: number | null };
  /** New connections, one a second at most: those ended since the record before. */
  witness: { connected: number; failed: number; maxUs: number | null };
}

/** Something that was decided while running, and why. */
export interface DecisionRecord {
  type: 'decision';
  atUs: number;
  decision: string;
  reason: string;
}

export const STOPPED_BY = ['end', 'signal', 'condition', 'error'] as const;
export type StoppedBy = (typeof STOPPED_BY)[number];

export interface EndRecord {
  type: 'end';
  atUs: number;
  stoppedBy: StoppedBy;
  /** When arrivals ended, where that was before the plan's end. */
  stopAtUs?: number;
  /** Why, where `stoppedBy` is not `end`. */
  reason?: string;
  /** SCRAM: how often PBKDF2 ran and how many different salts the server sent; absent when no attempt met SCRAM. */
  scram?: {
    derivations: number;
    salts: number;
    cache: boolean;
    /** From asking for a derivation to having it: the shortest, and the mean. */
    shortestUs: number;
    meanUs: number;
  };
}

/** A metric's figures. Times are null where there is no value. */
export interface MetricSummary {
  count: number;
  /** Attempts that might have been slower than any value: timed out, abandoned, cancelled, lost, dropped; of `close`: connections whose FIN never came. Only where the metric is censored. */
  censored?: number;
  minUs: number | null;
  meanUs: number | null;
  p50Us: number | null;
  p90Us: number | null;
  p95Us: number | null;
  p99Us: number | null;
  p999Us: number | null;
  maxUs: number | null;
  /** Names of the figures above that are lower bounds ("at least"): the censored share exceeds 1 - q. */
  atLeast?: ('p50Us' | 'p90Us' | 'p95Us' | 'p99Us' | 'p999Us' | 'maxUs')[];
}

export interface Validity {
  valid: boolean;
  reasons: Reason[];
}

/** Why something cannot be trusted, or soon may not be: what was found, with numbers, and what to change. */
export interface Reason {
  code: string;
  message: string;
  /** Whose reason it is, where a run of several is judged. */
  variant?: string;
  /** The numbers of the message, where it rests on samples. */
  evidence?: { text: string; value: number; unit: string }[];
}

/** One step of a ramp, judged. */
export interface StepSummary extends StepRecord {
  /** Arrivals due; in a closed loop, which offers no rate, what its clients began. */
  offeredPerSecond: number;
  achievedPerSecond: number;
  /**
   * When the last of its arrivals (or sessions, without reconnects) was connected, whatever its window; of several
   * rounds the latest. Absent where none was. Of a burst: what it took, where rates say little.
   */
  lastConnectedUs?: number;
  accounting: Accounting;
  latency: MetricSummary;
  lateness: MetricSummary;
  /** In a closed loop, which has no latency. */
  serviceTime?: MetricSummary;
  validity: Validity;
}

/** The figures that the summary prints as metrics; the censored ones serve these and are not printed. */
export type SummaryMetric = Exclude<
  Metric,
  'censoredLatency' | 'censoredServiceTime' | 'censoredClose' | 'censoredSessionLatency'
>;

export interface SessionSummary extends SessionAccounting {
  /** Attempts of all sessions, those that gave up included, for each that was connected; null without any. */
  attemptsPerSuccess: number | null;
  /** Sessions that were connected within the goal, of all begun and all arrivals dropped; null without a goal. */
  goodput: { goalUs: number; withinGoal: number; share: number; perSecond: number } | null;
  /** The largest storm of sessions that were cut together; null where none was cut. */
  reconnect:
    | (Omit<ReconnectStorm, 'lastCutUs' | 'endUs'> & {
        /** How many such storms there were. */
        storms: number;
        /** From the first cut until the last of them was back; null where not all came back, or some are not yet. */
        allBackUs: number | null;
      })
    | null;
}

/** The derived record: readers recompute it, and it carries the version that computed it. */
export interface SummaryRecord {
  type: 'summary';
  version: 1;
  connstorm: string;
  scenario: string;
  exitCode: number;
  /** `interrupted`: the file has no end, connstorm died. */
  stoppedBy: StoppedBy | 'interrupted';
  reason?: string;
  validity: Validity;
  accounting: Accounting;
  connections: ConnectionAccounting;
  /** Absent without sessions. */
  sessions?: SessionSummary;
  /** A metric that nothing was measured for is left out. */
  metrics: Partial<Record<SummaryMetric, MetricSummary>>;
  boundaries: Partial<Record<Boundary, number>>;
  errors: ErrorCount[];
  /** Offered and achieved over the planned time that has run. */
  rates: { windowUs: number; offeredPerSecond: number; achievedPerSecond: number };
  steps: StepSummary[];
  /** Where the slowest 1 % of the ok attempts spent their time: mean microseconds by piece; null without ok attempts. */
  slowest: {
    /** How many attempts the 1 % are, and how many of them were kept whole. */
    count: number;
    kept: number;
    fromUs: number;
    meanUs: { lateness: number } & Partial<Record<AttemptPhase, number>>;
  } | null;
  /** connstorm's own share of the host's CPU, and the host's busy share; null without samples. */
  generator: {
    cpuShare: number;
    hostBusyShare: number;
    /** Mean utilisation of the busiest worker's event loop, 0 to 1, and how late a loop came to a timer at most. */
    workerUtilisation?: number;
    longestLoopDelayUs?: number;
    /** Of the worker that waited most for a CPU: its share of the time; where the system tells. */
    cpuWaitShare?: number;
  } | null;
  /** What made no figure invalid but may the next time; left out where there is nothing. */
  warnings?: Reason[];
  scram?: EndRecord['scram'];
  capacity: null;
  bottleneck: null;
  variants: Record<string, never>;
  comparison: [];
  budgets: [];
}

/** What a round of one variant says of a metric: the unit of statistics between variants. */
export type RoundFigures = Pick<
  MetricSummary,
  'count' | 'censored' | 'p50Us' | 'p99Us' | 'atLeast'
>;

/** One round of a variant, by itself. */
export interface RoundSummary {
  round: number;
  seed: number;
  /** `interrupted`: the file was cut off in it. */
  stoppedBy: StoppedBy | 'interrupted';
  validity: Validity;
  /** Left out where nothing was measured. */
  latency?: RoundFigures;
  serviceTime?: RoundFigures;
  firstQuery?: RoundFigures;
}

/** One variant, its rounds merged: the fields of a run's summary. */
export interface VariantSummary
  extends Omit<
    SummaryRecord,
    | 'type'
    | 'version'
    | 'connstorm'
    | 'scenario'
    | 'exitCode'
    | 'variants'
    | 'comparison'
    | 'budgets'
  > {
  /** CPU time of connstorm's process, all threads and everything that they did, by attempts; null without either. */
  cpuPerConnectUs: number | null;
  roundsPlanned: number;
  /** Those that were begun. */
  rounds: RoundSummary[];
}

/** The derived record of a run of variants. What is not told of all of them together is null. */
export interface VariantsSummaryRecord
  extends Pick<
    SummaryRecord,
    | 'type'
    | 'version'
    | 'connstorm'
    | 'scenario'
    | 'exitCode'
    | 'stoppedBy'
    | 'reason'
    | 'validity'
    | 'accounting'
    | 'connections'
    | 'errors'
    | 'capacity'
    | 'bottleneck'
    | 'comparison'
    | 'budgets'
  > {
  metrics: null;
  variants: Record<string, VariantSummary>;
}

export type AnySummary = SummaryRecord | VariantsSummaryRecord;

export type ResultRecord =
  | AnyHeader
  | LegRecord
  | LegEndRecord
  | IntervalRecord
  | SampleRecord
  | DecisionRecord
  | WatchRecord
  | EndRecord
  | AnySummary;
