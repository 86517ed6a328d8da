import { chooseVersion, isLoneHeader } from './file-version.ts';
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
 * Header of a run in the form that connstorm uses inside: variants times rounds. A lone run has one variant, one round
 * and no name. Its file, its JSON summary and what a program receives keep a form of their own. This file
 * lifts that form when a result is read and lowers it when a result is written. The code in between works with the form
 * inside.
 */
export interface RunHeader extends Omit<VariantsHeaderRecord, 'version'> {
  /** True: one variant in one round, and the variant has no name. */
  isLone: boolean;
}

/** Summary of a run in the form used inside. Figures that do not exist for all variants together are null. */
export type RunSummary = VariantsSummaryRecord;

/** Name of the one variant of a scenario without variants. */
export const BASE = 'base';

/** Returns the name of a variant as reports show it; undefined for a lone run, which has none. */
export function nameVariant(
  { isLone }: Pick<RunHeader, 'isLone'>,
  name: string,
): string | undefined {
  return isLone ? undefined : name;
}

/** Returns the header in the form used inside. */
export function liftHeader(header: AnyHeader): RunHeader {
  if (!isLoneHeader(header)) {
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

/** Returns the header in its written form. The order of the fields is that of the file. */
export function lowerHeader(run: RunHeader): AnyHeader {
  const { isLone, variants, type, connstorm, startedAt, scenario, ...own } = run;
  const { label, budgets, answer, environment, seed, rounds, compare, taste } = own;
  const [only] = variants;
  const first = { connstorm, startedAt, scenario, ...(label === undefined ? {} : { label }) };
  const judged = {
    ...(budgets === undefined ? {} : { budgets }),
    ...(answer === undefined ? {} : { answer }),
  };
  const tasted = taste === undefined ? {} : { taste };
  if (!isLone || only === undefined) {
    const compared = compare === undefined ? {} : { compare };
    const many = { environment, seed, variants, rounds };
    return {
      type,
      version: chooseVersion(variants, 'variants'),
      ...first,
      ...judged,
      ...many,
      ...compared,
      ...tasted,
    };
  }
  const { spec, plan, target } = only;
  const rest = { plan, environment, ...pickProbes(only), target, ...tasted };
  return { type, version: chooseVersion(variants, 'lone'), ...first, spec, ...judged, ...rest };
}

/** Returns the settings of the kill switch and of the server's own times, as far as they are set. */
function pickProbes({
  watch,
  serverTimes,
}: Pick<VariantRecord, 'watch' | 'serverTimes'>): Pick<VariantRecord, 'watch' | 'serverTimes'> {
  return {
    ...(watch === undefined ? {} : { watch }),
    ...(serverTimes === undefined ? {} : { serverTimes }),
  };
}

/** Returns the records that come before the first one of a file: for a lone run its only leg, which begins at T0. */
export function liftStart({ isLone, seed }: RunHeader): LegRecord[] {
  return isLone ? [{ type: 'leg', variant: BASE, round: 1, seed, fromUs: 0 }] : [];
}

/** Returns the records that one record of a file stands for. The end of a lone run is also the end of its leg. */
export function liftRecord({ isLone }: RunHeader, record: ResultRecord): ResultRecord[] {
  if (!isLone) return [record];
  if (record.type === 'leg' || record.type === 'legEnd') return [];
  return record.type === 'end' ? [{ ...record, type: 'legEnd' }, record] : [record];
}

/** Turns the records of a run into the records of its file. */
export class RecordLowering {
  readonly #isLone: boolean;
  /** Fields of the last legEnd of a lone run. They are added to its end record. */
  #ofLeg: Pick<EndRecord, 'scram' | 'records' | 'ownSessions'> = {};

  constructor({ isLone }: RunHeader) {
    this.#isLone = isLone;
  }

  /** Returns the record as it is written; undefined for a record that a lone run's file does not have. */
  lower(record: ResultRecord): ResultRecord | undefined {
    if (!this.#isLone) return record;
    if (record.type === 'leg') return undefined;
    if (record.type === 'legEnd') {
      const { scram, records, ownSessions } = record;
      this.#ofLeg = {
        ...(scram === undefined ? {} : { scram }),
        ...(records === undefined ? {} : { records }),
        ...(ownSessions === undefined ? {} : { ownSessions }),
      };
      return undefined;
    }
    return record.type === 'end' ? { ...record, ...this.#ofLeg } : record;
  }
}

/** Returns the summary in its written form: for a lone run, the summary of its one variant. */
export function lowerSummary({ isLone }: RunHeader, summary: RunSummary): AnySummary {
  const only = summary.variants[BASE];
  return isLone && only !== undefined ? lowerOnly(summary, only) : summary;
}

function lowerOnly(summary: RunSummary, only: VariantSummary): SummaryRecord {
  const { type, version, connstorm, scenario, exitCode, comparison, budgets, answer } = summary;
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
    ...(answer === undefined ? {} : { answer }),
  };
}

/** Returns the same header and summary in the form used inside. Throws if the summary does not belong to the header. */
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
  const { type, version, connstorm, scenario, exitCode, ...rest } = summary;
  const { variants: _, comparison, budgets, answer, ...figures } = rest;
  const { stoppedBy, reason, validity, accounting, connections, errors, metrics } = figures;
  const round = { round: 1, seed, stoppedBy, validity, accounting, metrics };
  // The summary of a lone run does not contain the CPU time of connstorm itself.
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
    ...(answer === undefined ? {} : { answer }),
  };
}
