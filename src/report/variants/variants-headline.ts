import { judgeCounted } from '../../analysis/comparison/counted-rounds.ts';
import { describeTaste } from '../../analysis/describe-taste.ts';
import { listDifferences } from '../../analysis/figures/differences.ts';
import { findWorst, isShortOfCpu } from '../../analysis/validity/merely-late.ts';
import { isSpared } from '../../analysis/validity/variants-validity.ts';
import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import type { VariantSummary } from '../../result/records/summary-records.ts';
import {
  describeEnding,
  describeHeld,
  describeLabel,
  describeLoadOf,
  describeMeans,
  describeTarget,
  describeWarmUp,
  listValidity,
  readDriver,
  renderWarnings,
} from '../run/headline.ts';
import {
  describeEach,
  type Section,
  type ShownVariant,
  type VariantsInput,
} from '../text/section.ts';
import { wrapText } from '../text/text.ts';
import { describeValid } from './trust.ts';

/**
 * Returns what was run and in which order, in what the variants differ, and whether the figures below can be trusted.
 */
export function renderVariantsHeadline(
  input: VariantsInput,
  variants: readonly ShownVariant[],
): Section {
  const { summary, header, columns, paint } = input;
  const wrap = (text: string): string[] => wrapText(text, columns, 2);
  const drivers = new Set(variants.map(({ record }) => readDriver(record.spec)));
  // If the drivers differ, the list of variants shows them.
  const driver = drivers.size === 1 ? `, ${escapeControls([...drivers].join(''))} driver` : '';
  const targets = describeEach(variants, ({ record }) => describeTarget(record.target) + driver);
  const loads = describeEach(variants, ({ record }) => {
    return `${describeLoadOf(record.plan)} a round, ${describeMeans(record.plan)}`;
  });
  const isStopped = summary.stoppedBy !== 'end';
  return {
    lines: [
      ...targets.flatMap(wrap).map(paint.bold),
      ...describeLabel(header).flatMap(wrap),
      ...wrap(describeOrder(header)),
      ...loads.flatMap(wrap),
      ...describeEach(variants, ({ record }) => describeHeld(record).join('')).flatMap(wrap),
      ...(header.taste === undefined ? [] : wrap(escapeControls(describeTaste(header.taste)))),
      ...describeWarmth(variants).flatMap(wrap),
      ...describeVariants(variants).flatMap(wrap),
      ...(isStopped ? wrap(describeStop(input)).map(paint.yellow) : []),
      ...renderValidity(input),
    ],
  };
}

function describeOrder({ scenario, variants, rounds, seed }: VariantsInput['header']): string {
  const of = variants.length === 1 ? '' : ` of ${variants.length} variants in turn`;
  const many = formatCounted(rounds.length, 'round');
  const back =
    rounds.length > 1 && variants.length > 1 ? '; every other round is in reverse order' : '';
  return `${escapeControls(scenario)}: ${many}${of}${back}, seed ${seed}`;
}

/** Returns in what state a leg finds its target. A pool that is full or empty may matter more than what is compared. */
function describeWarmth(variants: readonly ShownVariant[]): string[] {
  const [first] = variants;
  // The steps of a search warm its target up.
  if (first === undefined || first.record.plan.search !== undefined) return [];
  const { plan } = first.record;
  const { warmUpUs } = plan;
  if (warmUpUs === undefined) return [COLD];
  const cut = variants.reduce((sum, variant) => sum + countLessWarm(variant, warmUpUs), 0);
  const fewer =
    cut === 0 ? '' : `; the warm-up was shorter before ${cut === 1 ? 'one leg' : `${cut} legs`}`;
  return describeWarmUp(plan, 'each leg').map((line) => `${line}${fewer}`);
}

/** Returns the number of rounds whose warm-up ended early. */
function countLessWarm({ summary, record: { plan } }: ShownVariant, warmUpUs: number): number {
  const wantedUs = Math.min(warmUpUs, plan.durationUs);
  return summary.rounds.filter(({ warmedUs = 0 }) => warmedUs < wantedUs).length;
}

const COLD =
  'cold: there was no warm-up, so each leg found its target as the leg before had left it (set warmUp to change that)';

function describeVariants(variants: readonly ShownVariant[]): string[] {
  if (variants.length < 2) return variants.map(({ name }) => name);
  const differences = listDifferences(variants.map(({ record }) => record.spec));
  return variants.map(({ name }, index) => {
    const own = differences.map(({ path, values }) => `${path} ${values[index] ?? 'unset'}`);
    const what = own.length === 0 ? 'no difference in its settings' : own.join(', ');
    return escapeControls(`${name}: ${what}`);
  });
}

function describeStop({ summary, header }: VariantsInput): string {
  const partial = header.variants.flatMap(({ name }) => {
    const { rounds = [], roundsPlanned = 0 } = summary.variants[name] ?? {};
    const whole = rounds.filter((round) => round.stoppedBy === 'end').length;
    if (whole === roundsPlanned) return [];
    const parts = rounds.length - whole;
    const cut = parts === 0 ? '' : `, and a part of ${parts === 1 ? 'one' : parts} more`;
    return [`${name} has ${whole} of ${formatCounted(roundsPlanned, 'round')}${cut}`];
  });
  return [describeEnding(summary), ...partial].join('; ');
}

function renderValidity({ summary, columns, paint }: VariantsInput): string[] {
  const warnings = Object.entries(summary.variants).flatMap(([name, variant]) =>
    renderWarnings(variant.warnings ?? [], columns, `${name} `).map(paint.yellow),
  );
  const notes = describeSpared(summary).flatMap((text) => wrapText(text, columns, 2));
  const { text, isWhole } = describeValid(summary);
  const validity =
    summary.validity.valid && !isWhole
      ? wrapText(text, columns, 2).map(paint.yellow)
      : listValidity(summary.validity, { columns, paint });
  return [...validity, ...notes.map(paint.yellow), ...warnings];
}

/**
 * Returns notes about variants whose own figures are invalid but do not make the run invalid: what is wrong with them,
 * and what can still be trusted.
 */
function describeSpared({ variants }: VariantsInput['summary']): string[] {
  return Object.entries(variants)
    .filter(([, summary]) => isSpared(summary))
    .flatMap(([name, summary]) => [
      ...describeSpoiltRounds(name, summary),
      ...describeLate(name, summary),
    ])
    .map(escapeControls);
}

function describeSpoiltRounds(name: string, { validity }: VariantSummary): string[] {
  return validity.reasons
    .filter(({ rounds }) => rounds !== undefined)
    .map(({ code, message }) => `${name} ${code}: ${message}. ${ROUNDS_SPOILT}`);
}

function describeLate(name: string, summary: VariantSummary): string[] {
  const counted = { ...summary, validity: judgeCounted(summary) };
  const worst = findWorst(counted.validity);
  if (worst === undefined) return [];
  const spoilt = isShortOfCpu(counted) ? TIMES_SPOILT : SCHEDULE_SPOILT;
  return [`${name} ${worst.code}: ${worst.message}. ${spoilt}`];
}

const ROUNDS_SPOILT =
  'Do not trust figures of all its rounds merged. The comparison rests on its other rounds';
const SCHEDULE_SPOILT =
  'Do not trust its latency and first query, which count from the schedule. The load was as planned. The comparison is not affected, because it counts from the actual start';
const TIMES_SPOILT =
  'Its times are too long because of that. The load was as planned, and the comparison treats them as ranges';
