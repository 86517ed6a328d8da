import type { EndRecord } from './records/end.ts';
import type { AnyHeader, VariantRecord, VariantsHeaderRecord } from './records/header.ts';
import type { LegRecord, ResultRecord } from './records/records.ts';
import type {
  AnySummary,
  SummaryRecord,
  VariantSummary,
  VariantsSummaryRecord,
} from './records/summary-records.ts';

/**
 * Inside connstorm every run is variants times rounds. A lone run has one variant, one round and no name; its file, its summary as JSON
 * and what a program is told of it keep a form of their own, version 1. It is lifted here when it is read, and lowered here when it is
 * written: nothing else tells the two forms apart.
 */
export interface RunHeader extends Omit<VariantsHeaderRecord, 'version'> {
  /** One variant in one round, and it has no name. */
  isLone: boolean;
}

/** The summary of a run inside. What is not told of all variants together is null. */
export type RunSummary = VariantsSummaryRecord;

/** What the one variant of a scenario without variants is called. */
export const BASE = 'base';

/** The name of a variant as people know it; undefined for a lone run, which has none. */
export function tellName({ isLone }: Pick<RunHeader, 'isLone'>, name: string): string | undefined {
  return isLone ? undefined : name;
}

/** The header as it is inside. */
export function liftHeader(header: AnyHeader): RunHeader {
  if (header.version !== 1) {
    const { version: _, ...run } = header;
    return { ...run, isLone: false };
  }
  const { version: _, spec, plan, watch: _watch, serverTimes: _times, target, ...run } = header;
  const { seed } = plan;
  const variant = { name: BASE, spec, plan, ...pickProbes(header), target };
  return {
    ...run,
    isLone: true,
    seed,
    variants: [variant],
    rounds: [{ round: 1, seed, order: [BASE] }],
  };
}

/** The header as it is written and told. The order of its fields is that of the file. */
export function lowerHeader(run: RunHeader): AnyHeader {
  const { isLone, variants, type, connstorm, startedAt, scenario, ...own } = run;
  const { label, budgets, environment, seed, rounds, compare, taste } = own;
  const [only] = variants;
  const first = { connstorm, startedAt, scenario, ...(label === undefined ? {} : { label }) };
  const judged = budgets === undefined ? {} : { budgets };
  const tasted = taste === undefined ? {} : { taste };
  if (!isLone || only === undefined) {
    const compared = compare === undefined ? {} : { compare };
    const many = { environment, seed, variants, rounds };
    return { type, version: 2, ...first, ...judged, ...many, ...compared, ...tasted };
  }
  const { spec, plan, target } = only;
  const rest = { plan, environment, ...pickProbes(only), target, ...tasted };
  return { type, version: 1, ...first, spec, ...judged, ...rest };
}

/** How the target was watched and asked. */
function pickProbes({
  watch,
  serverTimes,
}: Pick<VariantRecord, 'watch' | 'serverTimes'>): Pick<VariantRecord, 'watch' | 'serverTimes'> {
  return {
    ...(watch === undefined ? {} : { watch }),
    ...(serverTimes === undefined ? {} : { serverTimes }),
  };
}

/** What comes before the first record of a file: the only leg of a lone run, from its T0 on. */
export function liftStart({ isLone, seed }: RunHeader): LegRecord[] {
  return isLone ? [{ type: 'leg', variant: BASE, round: 1, seed, fromUs: 0 }] : [];
}

/** The records that one of a file stands for. The end of a lone run is the end of its leg, too. */
export function liftRecord({ isLone }: RunHeader, record: ResultRecord): ResultRecord[] {
  if (!isLone) return [record];
  if (record.type === 'leg' || record.type === 'legEnd') return [];
  return record.type === 'end' ? [{ ...record, type: 'legEnd' }, record] : [record];
}

/** Makes of the records of a run those of its file. */
export class RecordLowering {
  readonly #isLone: boolean;
  /** Of the leg that a lone run ends with. */
  #ofLeg: Pick<EndRecord, 'scram' | 'records'> = {};

  constructor({ isLone }: RunHeader) {
    this.#isLone = isLone;
  }

  /** The record as it is written; undefined for what a lone run's file does not have. */
  lower(record: ResultRecord): ResultRecord | undefined {
    if (!this.#isLone) return record;
    if (record.type === 'leg') return undefined;
    if (record.type === 'legEnd') {
      const { scram, records } = record;
      this.#ofLeg = {
        ...(scram === undefined ? {} : { scram }),
        ...(records === undefined ? {} : { records }),
      };
      return undefined;
    }
    return record.type === 'end' ? { ...record, ...this.#ofLeg } : record;
  }
}

/** The summary as it is written and told: that of a lone run is its variant's. */
export function lowerSummary({ isLone }: RunHeader, summary: RunSummary): AnySummary {
  const only = summary.variants[BASE];
  return isLone && only !== undefined ? lowerOnly(summary, only) : summary;
}

function lowerOnly(summary: RunSummary, only: VariantSummary): SummaryRecord {
  const { type, version, connstorm, scenario, exitCode, comparison, budgets } = summary;
  const { stoppedBy, reason, cpuPerConnectUs, roundsPlanned, rounds, ...figures } = only;
  return {
    type,
    version,
    connstorm,
    scenario,
    exitCode,
    stoppedBy,
    ...(reason === undefined ? {} : { reason }),
    ...figures,
    variants: {},
    comparison,
    budgets,
  };
}

/** The same pair as it is inside. Throws where the summary is not that of the header. */
export function liftRun(header: AnyHeader, summary: AnySummary): Run {
  const run = liftHeader(header);
  if (run.isLone !== (summary.metrics !== null)) {
    throw new Error('the summary is not that of the header');
  }
  return { header: run, summary: summary.metrics === null ? summary : liftSummary(run, summary) };
}

export interface Run {
  header: RunHeader;
  summary: RunSummary;
}

function liftSummary({ seed }: RunHeader, summary: SummaryRecord): RunSummary {
  const { type, version, connstorm, scenario, exitCode, ...told } = summary;
  const { variants: _, comparison, budgets, ...figures } = told;
  const { stoppedBy, reason, validity, accounting, connections, errors, metrics } = figures;
  const round = { round: 1, seed, stoppedBy, validity, accounting, metrics };
  // The summary of a lone run does not tell what CPU time connstorm itself took.
  const own = { cpuPerConnectUs: null, roundsPlanned: 1, rounds: [round] };
  return {
    type,
    version,
    connstorm,
    scenario,
    exitCode,
    stoppedBy,
    ...(reason === undefined ? {} : { reason }),
    validity,
    accounting,
    connections,
    errors,
    metrics: null,
    capacity: null,
    bottleneck: null,
    variants: { [BASE]: { ...figures, ...own } },
    comparison,
    budgets,
  };
}
