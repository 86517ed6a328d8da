import { formatCounted } from '../../counted.ts';
import { formatDuration } from '../../duration-text.ts';
import type { EndRecord } from '../../result/records/end.ts';
import type { StreamRecord } from '../../result/records/records.ts';
import type { ProbeRecord, SampleRecord } from '../../result/records/samples.ts';
import type { Cost } from '../../result/records/summary-figures.ts';

/** Consecutive samples, and the CPU time in them. */
interface Stretch {
  fromUs: number;
  toUs: number;
  /** A sample was missing in between. */
  hasGap: boolean;
  cpuUs: number;
  /** End of the time that `cpuUs` covers; undefined: no sample had a CPU time. */
  reportedUs?: number;
}

/** One leg: its attempts, and the samples of the server and the pooler; undefined without samples. */
interface Leg {
  started: number;
  server?: Stretch;
  postmaster?: Stretch;
  pooler?: Stretch;
  /** undefined: the leg is running, or the file was cut off in it. */
  endUs?: number;
}

/** CPU time of one leg, and its attempts. */
type Weighed = { cpuUs: number; started: number };

type Party = 'server' | 'pooler';
const PROBE_OF: Record<Party, ProbeRecord['probe']> = { server: 'host', pooler: 'pooler' };
const PLACES: Record<Party, string> = { server: 'its host', pooler: 'its console' };
const NAMES: Record<Party, string> = {
  server: "the server's CPU",
  pooler: "the pooler's CPU",
};

/**
 * Error of the difference of two counters of reaped processes, which count ticks of 10 ms (proc(5): cutime, cstime).
 */
const TICKS_ERROR_US = 20_000;
/** Share of a figure. A larger error is noted. */
const ERROR_SAID = 0.05;

/**
 * Adds up what connects cost the server and the pooler. Only legs count whose samples cover the whole load, from before
 * the first arrival to after the last connection's end. A part of the CPU time would be divided by too many attempts.
 */
export class CostFold {
  readonly #legs: Leg[] = [];
  /** Latest record of each probe. */
  readonly #states = new Map<ProbeRecord['probe'], ProbeRecord>();
  #mostByHost: number | undefined;
  #mostByViews: number | undefined;

  openLeg(): void {
    this.#legs.push({ started: 0 });
  }

  add(record: StreamRecord): void {
    const leg = this.#legs.at(-1);
    if (leg === undefined) return;
    if (record.type === 'interval') {
      for (const { counts } of record.steps) leg.started += counts.started;
    } else if (record.type === 'probe') this.#states.set(record.probe, record);
    else if (record.type === 'sample') this.#addSample(leg, record);
  }

  closeLeg({ atUs }: Pick<EndRecord, 'atUs'>): void {
    const leg = this.#legs.at(-1);
    if (leg !== undefined) leg.endUs = atUs;
  }

  /**
   * Returns undefined if no probe watched the target. `isShared`: activities beside the load took CPU time, too, which
   * no figure can tell apart; absent: there were none.
   */
  summarise({
    isPooled,
    isShared = false,
  }: {
    isPooled: boolean;
    isShared?: boolean;
  }): Cost | undefined {
    if (this.#states.size === 0) return undefined;
    const server = this.#weigh('server', isShared);
    const pooler = isPooled ? this.#weigh('pooler', isShared) : { perConnectUs: null, notes: [] };
    // The postmaster's CPU is a part of the server's, so the server's notes are about both.
    const postmaster = isShared ? null : divide(this.#listWhole('postmaster'));
    const notes = [...server.notes, ...pooler.notes];
    return {
      serverCpuPerConnectUs: server.perConnectUs,
      postmasterCpuPerConnectUs: postmaster,
      poolerCpuPerConnectUs: pooler.perConnectUs,
      backendsMost: this.#mostByHost ?? this.#mostByViews ?? null,
      ...(notes.length === 0 ? {} : { notes }),
    };
  }

  #addSample(leg: Leg, sample: SampleRecord): void {
    if (sample.probe === 'host') {
      leg.server = extend(leg.server, sample, sample.serverCpuUs);
      leg.postmaster = extend(leg.postmaster, sample, sample.postmaster?.onCpuUs);
      this.#mostByHost = findMost(this.#mostByHost, sample.backends);
    } else if (sample.probe === 'pooler') leg.pooler = extend(leg.pooler, sample, sample.cpuUs);
    else if (sample.probe === 'server' && sample.activity !== undefined) {
      const backends = Object.values(sample.activity).reduce((sum, count) => sum + count, 0);
      this.#mostByViews = findMost(this.#mostByViews, backends);
    }
  }

  #weigh(party: Party, isShared: boolean): { perConnectUs: number | null; notes: string[] } {
    if (isShared)
      return {
        perConnectUs: null,
        notes: [`${NAMES[party]} per connect is not known (${SHARED})`],
      };
    const seen = this.#listWhole(party);
    const perConnectUs = divide(seen);
    if (perConnectUs === null) return { perConnectUs, notes: this.#explain(party) };
    const started = seen.reduce((sum, leg) => sum + leg.started, 0);
    const errorUs = party === 'server' ? (TICKS_ERROR_US * seen.length) / started : 0;
    return {
      perConnectUs,
      notes: [
        ...(seen.length === this.#legs.length
          ? []
          : [
              `${NAMES[party]} is known for only ${seen.length} of ${formatCounted(this.#legs.length, 'round')}: ${GAPS}`,
            ]),
        ...(errorUs > ERROR_SAID * perConnectUs ? [describeError(errorUs)] : []),
      ],
    };
  }

  /** Returns the legs with attempts whose samples cover the whole load. */
  #listWhole(process: Party | 'postmaster'): Weighed[] {
    return this.#legs.flatMap((leg) => {
      const { started, endUs = Number.POSITIVE_INFINITY } = leg;
      const stretch = leg[process];
      if (stretch === undefined || !isWhole(stretch, endUs) || started === 0) return [];
      return [{ cpuUs: stretch.cpuUs, started }];
    });
  }

  /** Returns why there is no figure. */
  #explain(party: Party): string[] {
    if (this.#legs.every(({ started }) => started === 0)) return [];
    const state = this.#states.get(PROBE_OF[party]);
    const isOff = state?.state === 'off' || state?.state === 'lost';
    const isUntold = this.#legs.some((leg) => isBlind(leg[party], leg.endUs));
    const reason = isOff
      ? `${PLACES[party]}: ${state.reason ?? state.state}`
      : isUntold
        ? UNTOLD[party]
        : GAPS;
    return [`${NAMES[party]} is not known (${reason})`];
  }
}

const SHARED = 'the activities beside the load take CPU time of the server, too';
const GAPS = 'the samples do not cover the whole load';
const UNTOLD: Record<Party, string> = {
  server: 'the system does not list its processes, or there are more than 1,000',
  pooler: 'its process is not on this machine, or there are several',
};

/** Returns the CPU time for each attempt; null without any leg. */
function divide(legs: readonly Weighed[]): number | null {
  if (legs.length === 0) return null;
  const started = legs.reduce((sum, leg) => sum + leg.started, 0);
  return legs.reduce((sum, { cpuUs }) => sum + cpuUs, 0) / started;
}

function describeError(errorUs: number): string {
  return `the server's CPU per connect is exact to ±${formatDuration(errorUs)}, because the system counts the CPU time of ended processes in steps of 10 ms`;
}

/** Samples of one probe follow each other to the microsecond, unless the probe was lost in between. */
function extend(
  before: Stretch | undefined,
  { atUs, elapsedUs }: SampleRecord,
  cpuUs: number | undefined,
): Stretch {
  const fromUs = atUs - elapsedUs;
  const { hasGap, toUs, ...sums } = before ?? { fromUs, toUs: fromUs, hasGap: false, cpuUs: 0 };
  const stretch = { ...sums, toUs: atUs, hasGap: hasGap || toUs !== fromUs };
  // If a sample has no CPU time, the next one includes it.
  return cpuUs === undefined
    ? stretch
    : { ...stretch, cpuUs: sums.cpuUs + cpuUs, reportedUs: atUs };
}

/** Returns whether the samples cover the whole load. */
function isWhole(stretch: Stretch, endUs: number): boolean {
  return !stretch.hasGap && stretch.fromUs <= 0 && (stretch.reportedUs ?? 0) >= endUs;
}

/** Returns whether there were samples without the CPU time. */
function isBlind(stretch: Stretch | undefined, endUs = Number.POSITIVE_INFINITY): boolean {
  if (stretch === undefined) return false;
  const { reportedUs, toUs } = stretch;
  return reportedUs === undefined || (toUs >= endUs && reportedUs < endUs);
}

function findMost(before: number | undefined, now: number | undefined): number | undefined {
  return now === undefined ? before : Math.max(now, before ?? 0);
}
