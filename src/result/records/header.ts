/** A result file's first record: what was run, where, and against what. */

import type { LowerLimit } from '../../model/slot-limits.ts';
import type { Figure } from '../../scenario/figure.ts';
import type { SearchSettings, StepRole } from '../../scenario/plan/search-settings.ts';
import type { Across } from '../../scenario/schema/compare-schema.ts';

/** The newest version of a file that is read. Raised when a reader of the former one could misread a file. */
export const RESULT_VERSION = 2;

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
  /** What a search took it for; absent: it was planned beforehand. */
  role?: StepRole;
  /** Of a search: the part of it that is clear of its edges, in which achieved connects and those in flight are counted. */
  measureFromUs?: number;
  measureToUs?: number;
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
  /** Whether it can be written to, or follows another server; `unknown`: it does not tell. Absent: an older file. */
  serverRole?: 'primary' | 'standby' | 'unknown';
  tls: string | null;
  /** `trust` where it asked for nothing. */
  auth: string | null;
  /** What else than trust may have let us in unasked: the certificate that we gave, or the account at our end of a Unix socket. */
  authMayBe?: 'cert' | 'peer';
  /** SCRAM was bound to the server's certificate (SCRAM-SHA-256-PLUS); absent: it was not, or an older file. */
  channelBinding?: true;
  /** The server's settings that matter for connecting, by name, as `SHOW` prints them. */
  settings: Record<string, string>;
  /** `lower`: the role's or the database's limit, where it leaves less than max_connections; absent in older files too. */
  slots: {
    max: number;
    reserved: number;
    used: number;
    free: number;
    lower?: LowerLimit;
  } | null;
  /** Whether one is in between; null: cannot be told. */
  pooler: boolean | null;
  /**
   * Each login had a backend of its own, and yet the server sees its client at another port than ours: address translation, a
   * proxy or a cold pooler is in between. `pooler` is null then. Absent: it is not so, or not told, or an older file.
   */
  between?: true;
  /**
   * The running Postgres that a session ends up at, be it through a pooler: the same text from anywhere, until it is
   * restarted; a standby's is another than its primary's. Absent: not told.
   */
  instance?: string;
  /** Why these could not be read, where it is not that the role may not or the server does not know them. Absent: they were. */
  unread?: { settings?: string; slots?: string };
}

export interface LabPoolerRecord {
  /** PgBouncer's, e.g. `1.18.0`. */
  version: string;
  /** `transaction` or `session`, or what else its settings say. */
  poolMode: string;
  /** Connections to the server that each process keeps at most. */
  poolSize: number;
  processes: number;
}

/** One of several servers. */
export interface HostRecord {
  host: string;
  address: string;
  port: number;
  sslmode: string;
  server: ServerFindings;
}

/** What the rate of a run followed from. */
export interface TasteRecord {
  /** Of what the slowest variant took. */
  share: number;
  /** What was settled, the same for all variants; their scenarios have it as load.rate. */
  ratePerSecond: number;
  /** What each variant took in a closed loop. */
  takenPerSecond: Record<string, number>;
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
  /** Free text that tells this run from others; absent: none. */
  label?: string;
  /** The scenario as run: defaults, file, environment and flags applied. */
  spec: Record<string, unknown>;
  /** As they were written; absent: none. */
  budgets?: string[];
  /** Absent: the rate is as it was written. */
  taste?: TasteRecord;
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
    /** How long the same load comes before each leg and is not measured; absent: not at all. */
    warmUpUs?: number;
    /** What sessions are to be connected within; absent: no goal. */
    goalUs?: number;
    /** Absent: one, of the executor above. */
    blocks?: BlockRecord[];
    /** Of all blocks, numbered through. More than one for a ramp. Of a search none: they are records of their own. */
    steps: StepRecord[];
    /** Absent: steps are planned beforehand. */
    search?: SearchSettings;
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
  /** The kill switch's limits; absent: it does not watch, or an older file. */
  watch?: { canaryUs: number; witnessUs: number };
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
    /** The PgBouncer that we started in front of the lab's server, and that this target is; absent: it is none of ours. */
    labPooler?: LabPoolerRecord;
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
  extends Pick<HeaderRecord, 'spec' | 'plan' | 'watch' | 'serverTimes' | 'target'> {
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
  extends Pick<
    HeaderRecord,
    'type' | 'connstorm' | 'startedAt' | 'scenario' | 'label' | 'budgets' | 'taste' | 'environment'
  > {
  version: 2;
  /** Of the first round; `plan.seed` of every variant is this one. */
  seed: number;
  variants: VariantRecord[];
  rounds: RoundRecord[];
  /** Absent: an older file. */
  compare?: CompareRecord;
}

/** How the variants are to be compared. */
export interface CompareRecord {
  /** Absent: what suits the metrics that there are. */
  primary?: Figure;
  /** Differences of at most this share of the baseline, or at most this time, do not matter. */
  relative: number;
  absoluteUs: number;
  /** What is meant to differ between the variants. */
  across: Across[];
}

export type AnyHeader = HeaderRecord | VariantsHeaderRecord;
