/** The first record of a result file: what was run, where, and against which target. */

import type { AnswerSpec } from '../../scenario/answer.ts';
import type { Figure } from '../../scenario/figure.ts';
import type { SearchSettings, StepRole } from '../../scenario/plan/search-settings.ts';
import type { Across } from '../../scenario/schema/compare-schema.ts';
import type { PlannedEventRecord } from './events.ts';
import type { HostRecord, LabPoolerRecord, ServerFindings, TurnHostRecord } from './target.ts';

/** Newest file version that is read. It is raised when a reader of the version before could misread a file. */
export const RESULT_VERSION = 3;

export interface StepRecord {
  index: number;
  fromUs: number;
  toUs: number;
  /** Index into the plan's blocks; absent: 0. */
  block?: number;
  /** Absent: open. A closed loop has no schedule, so it has no latency and no lateness. */
  loop?: 'open' | 'closed';
  /**
   * Offered rate at the step's start and end; equal if constant. Absent in a closed loop, and for clients that come all
   * at once.
   */
  startRatePerSecond?: number;
  endRatePerSecond?: number;
  /** Only in a closed loop: number of clients at the step's start and end. */
  startClients?: number;
  endClients?: number;
  /** Largest number of clients at any time within the step. */
  mostClients?: number;
  /** The part that the step plays in a search; absent: the step was planned beforehand. */
  role?: StepRole;
  /**
   * Only in a search: the part of the step away from its edges. Connects that became ready and those in flight are
   * counted in it.
   */
  measureFromUs?: number;
  measureToUs?: number;
}

/** A block of load. */
export interface BlockRecord {
  /** `load` if there is only one block. */
  name: string;
  executor: string;
  fromUs: number;
  toUs: number;
  /** The block's own caps, for all workers together; absent: none. */
  maxInFlight?: number;
  maxOpen?: number;
}

/** The tastes that the rate of a run was derived from. */
export interface TasteRecord {
  /** The rate's share of what the slowest variant took. */
  share: number;
  /** Resulting rate: the highest of all blocks and variants. The others keep their ratio to it. */
  ratePerSecond: number;
  /** Connects per second that each variant took in a closed loop. */
  takenPerSecond: Record<string, number>;
}

/** Header of a run of one scenario without variants. */
export interface HeaderRecord {
  type: 'header';
  /** 3: something acts beside the load, or clients choose their host at each connect. */
  version: 1 | 3;
  connstorm: string;
  /** Wall-clock time of T0, ISO 8601. */
  startedAt: string;
  /** The scenario's name: that of the built-in, or of the file without its ending. */
  scenario: string;
  /** Free text that distinguishes this run from others; absent: none. */
  label?: string;
  /** The scenario as it was run, with defaults, file, environment and flags applied. */
  spec: Record<string, unknown>;
  /** Budgets as they were written; absent: none. */
  budgets?: string[];
  /** What the scenario asks; absent: nothing. */
  answer?: AnswerSpec;
  /** Absent: the rate was not derived from a taste. */
  taste?: TasteRecord;
  plan: {
    executor: string;
    seed: number;
    workers: number;
    /** Cap on attempts in flight, for all workers together. */
    maxInFlight: number;
    /** Arrivals of all open-loop blocks; null: there is no such block. */
    arrivalCount: number | null;
    /** Largest number of clients of the closed-loop blocks; absent: there is no such block. */
    clientCount?: number;
    durationUs: number;
    /** Length of the warm-up before each leg; absent: none. */
    warmUpUs?: number;
    /** Time within which sessions should be connected; absent: no goal. */
    goalUs?: number;
    /** Absent: one block, with the executor above. */
    blocks?: BlockRecord[];
    /**
     * Steps of all blocks, numbered through. A ramp has several. The list is empty for a search, whose steps are
     * records of their own.
     */
    steps: StepRecord[];
    /** Absent: all steps are planned beforehand. */
    search?: SearchSettings;
    /** Events in the order of the scenario's list; absent: none. */
    events?: PlannedEventRecord[];
  };
  environment: {
    node: string;
    os: string;
    arch: string;
    cpuModel: string;
    cpuCount: number;
    memoryBytes: number;
    /** Soft limit of open descriptors; null: not known. */
    descriptorLimit: number | null;
    /** First and last local port; null: not known. */
    localPorts: [number, number] | null;
    /** The CPUs that `--pin` gave to connstorm and to the lab's server, as lists of CPU numbers. */
    pinned?: { generator?: string; server?: string };
  };
  /** Limits of the kill switch; absent: it does not watch, or an older file. */
  watch?: { canaryUs: number; witnessUs: number };
  /** Reports that the server was asked for at connects; absent: none. */
  serverTimes?: {
    /**
     * Setup notice at every connect. `asked`: connstorm asked for it. `listened`: the server sends it anyway. null:
     * neither.
     */
    notice: 'asked' | 'listened' | null;
    /** The backend's age is asked for once in this number of arrivals; null: never. */
    sampleEvery: number | null;
  };
  target: {
    role: string;
    /** connstorm started the target for this run. */
    lab: boolean;
    /** By how much the lab's server yields the CPU to connstorm; null: no lab, or it is not allowed. */
    labNiceness: number | null;
    /** The PgBouncer that connstorm started in front of the lab's server, if it is this target; absent: it is not. */
    labPooler?: LabPoolerRecord;
    /** Host as it was given; for a Unix socket its directory. */
    host: string;
    /** An IP address, or the path of a Unix socket. */
    address: string;
    port: number;
    database: string;
    user: string;
    /** The mode that was followed. `require` with a root certificate verifies the server, so it is `verify-ca` here. */
    sslmode: string;
    /** Time to resolve the name; null for an address. */
    dnsUs: number | null;
    /** Findings of the login; with several hosts, at the first one. */
    server: ServerFindings;
    /**
     * Servers that attempts are spread over; the first one is the server above. Arrival i goes to hosts[i modulo their
     * number]. Absent: all attempts go to the server above.
     */
    hosts?: HostRecord[];
    /**
     * Only where clients choose their host at each connect: all hosts in the order of the target, which counts by host
     * refer to. `order`: in which order a connect takes them; `random`: each connect draws its own.
     */
    hostTurns?: { order: 'given' | 'random'; hosts: TurnHostRecord[] };
    /** Condition for hosts to be used, as libpq's target_session_attrs; absent: none. */
    sessionAttrs?: string;
  };
}

/** One variant, with the fields that a header has for a whole run. */
export interface VariantRecord
  extends Pick<HeaderRecord, 'spec' | 'plan' | 'watch' | 'serverTimes' | 'target'> {
  name: string;
}

/** One round: the variants in their order, all with the same seed. */
export interface RoundRecord {
  /** From 1. */
  round: number;
  seed: number;
  order: string[];
}

/**
 * Header of a run of several variants or rounds. If a scenario without variants is repeated, its one variant is `base`.
 */
export interface VariantsHeaderRecord
  extends Pick<
    HeaderRecord,
    | 'type'
    | 'connstorm'
    | 'startedAt'
    | 'scenario'
    | 'label'
    | 'budgets'
    | 'answer'
    | 'taste'
    | 'environment'
  > {
  /** 3: as above, for at least one variant. */
  version: 2 | 3;
  /** Seed of the first round; `plan.seed` of every variant is the same. */
  seed: number;
  variants: VariantRecord[];
  rounds: RoundRecord[];
  /** Absent: an older file. */
  compare?: CompareRecord;
}

/** Settings of the comparison between the variants. */
export interface CompareRecord {
  /** Absent: the figure that suits the metrics of the run. */
  primary?: Figure;
  /** A difference of at most this share of the baseline, or of at most this time, does not matter. */
  relative: number;
  absoluteUs: number;
  /** Intended differences between the variants. */
  across: Across[];
}

export type AnyHeader = HeaderRecord | VariantsHeaderRecord;
