import { nounOf } from '../counted.ts';
import { decideExitCode } from '../errors.ts';
import { addCounts, zeroConnections, zeroCounts } from '../model/accounting.ts';
import { ErrorTable } from '../model/error-table.ts';
import { nameVariant, type RunHeader, type RunSummary } from '../result/lift.ts';
import type { EndRecord } from '../result/records/end.ts';
import type { VariantRecord } from '../result/records/header.ts';
import {
  isStreamed,
  type LegEndRecord,
  type LegRecord,
  type ResultRecord,
} from '../result/records/records.ts';
import type { RoundSummary, VariantSummary } from '../result/records/summary-records.ts';
import { shiftEnd, shiftRecord } from '../result/shift.ts';
import { answerRun } from './answer/answer.ts';
import type { Asked } from './answer/asked.ts';
import { hasActed } from './beside/background.ts';
import { judgeBudgets } from './budgets.ts';
import { compareCapacities } from './comparison/capacity-ratio.ts';
import { compareVariants, DEFAULT_COMPARE, objectToVariants } from './comparison/compare-sides.ts';
import { pairSides } from './comparison/list-sides.ts';
import { findExitReasons } from './exit-reasons.ts';
import { type PlanFigures, PlanFold } from './plan-fold.ts';
import { summariseRound } from './round.ts';
import { toValidity } from './validity/validity.ts';
import { judgeVariant, judgeVariants, markSpared } from './validity/variants-validity.ts';

/** All rounds of one variant. */
interface Gathered {
  record: VariantRecord;
  roundsPlanned: number;
  merged: PlanFold;
  /** Rounds that have ended. Empty for a variant with only one round, which needs no sums beside the merged ones. */
  rounds: RoundSummary[];
  /** Its leg, once begun, if only one is planned. */
  only: LegRecord | undefined;
  /** End of the first round that did not come to its end; undefined: all did. */
  stop: Stop | undefined;
}

/** The running leg. Its records go into its variant's sums, and with several rounds also into sums of its own. */
interface OpenLeg {
  record: LegRecord;
  of: Gathered;
  /** undefined: the variant has no other leg. */
  alone: PlanFold | undefined;
}

type Stop = Pick<VariantSummary, 'stoppedBy' | 'reason'>;

/**
 * Fold that derives the summary of a run with all its variants. Sums are checked for every leg, every variant and the
 * run.
 */
export class VariantsFold {
  readonly #header: RunHeader;
  readonly #computedBy: string;
  readonly #variants: Map<string, Gathered>;
  /** Legs in the header's order: `VARIANT 1` and so on. */
  readonly #planned: string[];
  #begun = 0;
  #leg: OpenLeg | undefined;
  #end: EndRecord | undefined;

  constructor(header: RunHeader, computedBy = header.connstorm) {
    this.#header = header;
    this.#computedBy = computedBy;
    this.#variants = new Map(
      header.variants.map((record) => [
        record.name,
        {
          record,
          roundsPlanned: header.rounds.filter(({ order }) => order.includes(record.name)).length,
          merged: new PlanFold(record, header.environment),
          rounds: [],
          only: undefined,
          stop: undefined,
        },
      ]),
    );
    this.#planned = header.rounds.flatMap(({ round, order }) =>
      order.map((name) => `${name} ${round}`),
    );
  }

  add(record: ResultRecord): void {
    if (record.type === 'leg') this.#openLeg(record);
    else if (record.type === 'legEnd') this.#closeLeg(record);
    else if (record.type === 'end') this.#close(record);
    else if (isStreamed(record)) {
      const own = shiftRecord(record, -this.#fromUs);
      for (const fold of this.#folds()) fold.add(own);
    }
  }

  finish(): RunSummary {
    const stoppedBy = this.#end?.stoppedBy ?? 'interrupted';
    const stop = pickStop({ ...this.#end, stoppedBy });
    const all = [...this.#variants.values()];
    const summaries = markSpared(
      all.map((gathered) => [gathered.record.name, this.#summarise(gathered, stop)]),
      this.#header.compare ?? {},
    );
    const validity = toValidity(judgeVariants(summaries, this.#findMissing()));
    const runs = all.flatMap(({ merged: values, record }, at) => {
      const [name, summary] = summaries[at] ?? [];
      if (name === undefined || summary === undefined) return [];
      return [
        { name: nameVariant(this.#header, name), summary, values, asks: countAsked(record.spec) },
      ];
    });
    const budgets = judgeBudgets(this.#header.budgets ?? [], runs);
    const comparison = compareVariants(this.#header, summaries);
    return {
      type: 'summary',
      version: 1,
      connstorm: this.#computedBy,
      scenario: this.#header.scenario,
      exitCode: decideExitCode(findExitReasons({ stoppedBy, validity, budgets })),
      ...stop,
      validity,
      ...sumUp(summaries.map(([, summary]) => summary)),
      metrics: null,
      capacity: null,
      bottleneck: null,
      variants: Object.fromEntries(summaries),
      comparison,
      budgets,
      ...this.#answer({ runs, comparison, budgets }, summaries),
    };
  }

  /** Returns the answer to what the scenario asks; no field if it asks nothing. */
  #answer(
    measured: Pick<Asked, 'runs' | 'comparison' | 'budgets'>,
    summaries: readonly (readonly [name: string, summary: VariantSummary])[],
  ): Pick<RunSummary, 'answer'> {
    const { answer: spec, variants, compare = DEFAULT_COMPARE } = this.#header;
    if (spec === undefined) return {};
    const capacities = compareCapacities(pairSides(variants, new Map(summaries)), compare, {
      findObjections: objectToVariants(compare),
      isForced: false,
    });
    return { answer: answerRun({ spec, ...measured, capacities }) };
  }

  #openLeg(record: LegRecord): void {
    if (this.#leg !== undefined) throw new RangeError('a leg begins before the former has ended');
    const of = this.#variants.get(record.variant);
    if (of === undefined) throw new RangeError(`there is no variant ${record.variant}`);
    const planned = this.#planned[this.#begun];
    if (planned !== `${record.variant} ${record.round}`) {
      const due = planned ?? 'none';
      throw new RangeError(`leg ${record.variant} ${record.round} is not the next: ${due} is`);
    }
    this.#begun++;
    const isOnly = of.roundsPlanned === 1;
    if (isOnly) of.only = record;
    const alone = isOnly ? undefined : new PlanFold(of.record, this.#header.environment);
    this.#leg = { record, of, alone };
    for (const fold of this.#folds()) fold.openLeg(record.round);
  }

  #closeLeg(end: LegEndRecord): void {
    const { type: _, ...shifted } = shiftEnd(end, -this.#fromUs);
    for (const fold of this.#folds()) fold.addEnd(shifted);
    const { record, of, alone } = this.#open;
    if (alone !== undefined) of.rounds.push(summariseRound(record, alone.finish()));
    if (shifted.stoppedBy !== 'end') of.stop ??= pickStop(shifted);
    this.#leg = undefined;
  }

  #close(end: EndRecord): void {
    if (this.#leg !== undefined) throw new RangeError('the run ends in the midst of a leg');
    this.#end = end;
  }

  /**
   * Returns the summary of a variant. `stop`: what ended the run. It also ended variants whose own rounds have no other
   * end.
   */
  #summarise(gathered: Gathered, stop: Stop): VariantSummary {
    const { merged, roundsPlanned } = gathered;
    const finished = merged.finish();
    const { reason: _, ...figures } = finished;
    const rounds = this.#roundsOf(gathered, finished);
    const isWhole =
      rounds.length === roundsPlanned && rounds.every(({ stoppedBy }) => stoppedBy === 'end');
    const { started } = figures.accounting;
    // The CPU time of activities beside the load is in the same counters.
    const isAlone = !hasActed(figures.background);
    return {
      ...figures,
      ...(isWhole ? { stoppedBy: 'end' } : (gathered.stop ?? stop)),
      validity: judgeVariant(figures.validity, rounds),
      cpuPerConnectUs: isAlone && merged.cpuUs > 0 && started > 0 ? merged.cpuUs / started : null,
      roundsPlanned,
      rounds,
    };
  }

  /** Returns the rounds, with the one that is running or that the file was cut off in. */
  #roundsOf(gathered: Gathered, merged: PlanFigures): RoundSummary[] {
    const { only, rounds } = gathered;
    if (only !== undefined) return [summariseRound(only, merged)];
    const leg = this.#leg;
    if (leg?.of !== gathered || leg.alone === undefined) return rounds;
    return [...rounds, summariseRound(leg.record, leg.alone.finish())];
  }

  #findMissing(): string[] {
    const { length } = this.#planned;
    if (this.#end?.stoppedBy !== 'end' || this.#begun === length) return [];
    return [`${this.#begun} ${nounOf(this.#begun, 'leg is', 'legs are')} not the plan's ${length}`];
  }

  #folds(): PlanFold[] {
    const { of, alone } = this.#open;
    return alone === undefined ? [of.merged] : [of.merged, alone];
  }

  get #fromUs(): number {
    return this.#open.record.fromUs;
  }

  get #open(): OpenLeg {
    if (this.#leg === undefined) throw new RangeError('it belongs to no leg');
    return this.#leg;
  }
}

/** Returns the number of queries or statements that each connection sends. */
function countAsked(spec: Record<string, unknown>): number {
  const { connection } = spec as { connection?: { queries?: unknown; statements?: unknown } };
  const { queries, statements } = connection ?? {};
  if (Array.isArray(statements)) return statements.length;
  return typeof queries === 'number' ? queries : 0;
}

function pickStop({ stoppedBy, reason }: Stop): Stop {
  return { stoppedBy, ...(reason === undefined ? {} : { reason }) };
}

function sumUp(
  summaries: readonly VariantSummary[],
): Pick<RunSummary, 'accounting' | 'connections' | 'errors'> {
  const sums = { ...zeroCounts(), inFlight: 0 };
  let passedOn: number | undefined;
  const connections = { ...zeroConnections(), open: 0 };
  const errors = new ErrorTable();
  for (const summary of summaries) {
    const { passedOn: further, ...counts } = summary.accounting;
    addCounts(sums, counts);
    if (further !== undefined) passedOn = (passedOn ?? 0) + further;
    addCounts(connections, summary.connections);
    for (const error of summary.errors) errors.add(error);
  }
  const accounting = passedOn === undefined ? sums : { ...sums, passedOn };
  return { accounting, connections, errors: errors.list() };
}
