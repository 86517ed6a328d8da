import { nameVariant } from '../../result/lift.ts';
import type { CurvePoint } from '../../result/records/capacity.ts';
import type { VariantRecord } from '../../result/records/header.ts';
import type { StepSummary } from '../../result/records/summary-figures.ts';
import type { VariantSummary } from '../../result/records/summary-records.ts';
import type { Connection } from '../../scenario/schema/schema.ts';
import { renderFigure } from '../run/metrics.ts';
import { formatCount, formatDuration, formatRate } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';
import { type Column, layOut, pickColumns } from '../text/table-width.ts';
import { wrapText } from '../text/text.ts';
import { nameClients } from './clients.ts';

/** Returns the results of each rate that each variant's search tried, lowest first; no section without a search. */
export function renderCurves(
  { header, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  return variants.flatMap(({ name, summary: { capacity, steps, metrics }, record }) => {
    if (capacity === null) return [];
    const { maxInFlight } = record.plan;
    const title = nameVariant(header, name) ?? 'offered';
    const until = nameCompletion(record, metrics);
    return [listCurve(title, capacity.curve, { steps, maxInFlight, until, columns, paint })];
  });
}

/**
 * Returns what completes a connect of the search if that is later than ready; undefined if ready completes it. A connect
 * counts as achieved from then on, and is in flight until then.
 */
function nameCompletion(
  { spec }: Pick<VariantRecord, 'spec'>,
  { usable }: VariantSummary['metrics'],
): string | undefined {
  const { connection = {} } = spec as { connection?: Partial<Connection> };
  const { queries = 0, statements } = connection;
  // Files without `usable` count a connect with its first query's result, also if it sends several.
  if (statements !== undefined || usable !== undefined) return "the last statement's result";
  return queries > 0 ? "the first query's result" : undefined;
}

interface CurveInput {
  steps: readonly StepSummary[];
  /** The plan's cap. */
  maxInFlight: number;
  /** What completes a connect of the search; undefined: ready. */
  until?: string | undefined;
  columns: number;
  paint: Paint;
}

/** Returns the table of a curve. `title`: head of the column of offered rates. */
export function listCurve(
  title: string,
  curve: readonly CurvePoint[],
  { steps, maxInFlight, until, columns, paint }: CurveInput,
): Section {
  const label = labelRates(curve);
  const all = COLUMNS.map((column, at) => (at === 0 ? { title, render: label } : column));
  const shown = pickColumns(all, curve, columns);
  const left = all.filter((column) => !shown.includes(column));
  const notes = [
    noteColumns(shown.map(nameColumn), until),
    ...(left.length === 0
      ? []
      : [`the terminal is too narrow for these columns: ${left.map(nameColumn).join(', ')}`]),
    ...noteLate(curve, label),
    ...noteInvalid(curve, label),
    ...noteUnsure(curve, label),
    ...noteBroken(curve, label),
    ...noteUnfinished(steps, maxInFlight),
    ...noteTastes(steps, maxInFlight),
    ...noteControls(steps, maxInFlight),
  ];
  return {
    ...layOut(shown, curve, paint),
    notes: notes.flatMap((note) => wrapText(note, columns, 2)),
  };
}

type Label = (point: CurvePoint) => string;

/** Returns a function that shows a rate of the curve. Rates that look alike get enough digits to differ. */
export function labelRates(curve: readonly CurvePoint[]): Label {
  const rates = curve.map(({ offeredPerSecond }) => offeredPerSecond);
  return ({ offeredPerSecond: rate }) => {
    const formats = [
      formatRate,
      ...MORE_DIGITS.map((digits) => (it: number) => `${it.toFixed(digits)}/s`),
    ];
    const isTold = (format: (it: number) => string): boolean =>
      !rates.some((other) => other !== rate && format(other) === format(rate));
    return (formats.find(isTold) ?? formatRate)(rate);
  };
}

const MORE_DIGITS = [1, 2, 3];

/**
 * Returns whether the rate is sustained: more of its trials were sustained than not. Trials do not count if the fault
 * was connstorm's own, if they were held up or disturbed, or if the target was down or stopped serving. If no trial counts:
 * `invalid` if the fault was connstorm's own in all of them, else `unsure`.
 */
export function judgePoint(point: CurvePoint): 'yes' | 'no' | 'invalid' | 'unsure' {
  const judged = countJudged(point);
  if (judged === 0) return point.trials === point.invalid ? 'invalid' : 'unsure';
  return judged - point.bad > point.bad ? 'yes' : 'no';
}

function countJudged({ trials, invalid, unsure = 0, broken = 0 }: CurvePoint): number {
  return trials - invalid - unsure - broken;
}

const COLUMNS: readonly Column<CurvePoint>[] = [
  { title: 'offered', render: (point) => formatRate(point.offeredPerSecond) },
  { title: 'achieved', render: (point) => formatRate(point.achievedPerSecond) },
  { title: 'p50', render: ({ latency }, paint) => renderFigure(latency, 'p50Us', paint), worth: 3 },
  { title: 'p99', render: ({ latency }, paint) => renderFigure(latency, 'p99Us', paint), worth: 4 },
  { title: 'spawn p50', render: (point) => formatDuration(point.spawnP50Us), worth: 1 },
  { title: 'in flight', render: renderInFlight, worth: 2 },
  { title: 'sustained', render: renderSustained },
];

function nameColumn({ title }: Column<CurvePoint>): string {
  return title;
}

function renderInFlight({ inFlightMean, inFlightMost }: CurvePoint): string {
  if (inFlightMean === null || inFlightMost === null) return '-';
  const mean =
    inFlightMean < 9.95 ? inFlightMean.toFixed(1) : formatCount(Math.round(inFlightMean));
  return `${mean} / ${formatCount(inFlightMost)}`;
}

function renderSustained(point: CurvePoint, paint: Paint): string {
  const verdict = judgePoint(point);
  if (verdict === 'invalid') return paint.red(verdict);
  if (verdict === 'unsure') return paint.yellow(verdict);
  const judged = countJudged(point);
  const colour = verdict === 'yes' ? paint.green : paint.red;
  return colour(`${verdict}, ${judged - point.bad} of ${judged}`);
}

function noteInvalid(curve: readonly CurvePoint[], label: Label): string[] {
  const some = curve.filter(({ invalid }) => invalid > 0);
  if (some.length === 0) return [];
  const each = some.map((point) => `${point.invalid} of ${point.trials} at ${label(point)}`);
  return [`trials that do not count because of connstorm itself: ${each.join(', ')}`];
}

/** Returns one note for both kinds: trials whose latencies are left out, and rates that have no other trials. */
function noteLate(curve: readonly CurvePoint[], label: Label): string[] {
  const some = curve.filter(({ late = 0 }) => late > 0);
  if (some.length === 0) return [];
  const each = some.map((point) => `${point.late} of ${point.trials} at ${label(point)}`);
  const isAny = some.some(({ latency: { atMost = [] } }) => atMost.length > 0);
  const bound = isAny
    ? '. ≤ marks a rate at which connstorm was late in every trial: the target took at most this long'
    : '';
  return [
    `connstorm was late in these trials: ${each.join(', ')}. Their rates count, their latencies do not${bound}`,
  ];
}

function noteUnsure(curve: readonly CurvePoint[], label: Label): string[] {
  const some = curve.filter(({ unsure = 0 }) => unsure > 0);
  if (some.length === 0) return [];
  const each = some.map((point) => `${point.unsure} of ${point.trials} at ${label(point)}`);
  return [
    `trials that do not count because they were held up or others took the CPU: ${each.join(', ')}`,
  ];
}

function noteBroken(curve: readonly CurvePoint[], label: Label): string[] {
  const some = curve.filter(({ broken = 0 }) => broken > 0);
  if (some.length === 0) return [];
  const each = some.map((point) => `${point.broken} of ${point.trials} at ${label(point)}`);
  return [
    `trials that do not count because the target was down or stopped serving: ${each.join(', ')}`,
  ];
}

/** Returns a note about the step that was running when the search was cut short. It is in no row. */
function noteUnfinished(steps: readonly StepSummary[], maxInFlight: number): string[] {
  return steps
    .filter(({ unfinished }) => unfinished === true)
    .map(({ role, startRatePerSecond, startClients = 0 }) => {
      const level =
        startRatePerSecond === undefined
          ? nameClients(startClients, maxInFlight)
          : formatRate(startRatePerSecond);
      return `the search was cut short in a step that does not count: ${role} ${level}`;
    });
}

/** Returns the results of the controls, the same closed loop again and again. They change only if the target does. */
function noteControls(steps: readonly StepSummary[], maxInFlight: number): string[] {
  const controls = steps.filter(
    ({ role, unfinished }) => role === 'control' && unfinished !== true,
  );
  const [first] = controls;
  if (first === undefined) return [];
  const rates = controls.map(
    (control) => formatRate(control.achievedPerSecond) + describeFailed(control),
  );
  const clients = nameClients(first.startClients ?? 0, maxInFlight);
  return [
    `controls (${clients} in a closed loop, to see whether the target changes) achieved ${rates.join(', ')}`,
  ];
}

/** Returns what the shown columns mean. */
function noteColumns(titles: readonly string[], until: string | undefined): string {
  const times = titles.filter((title) => title === 'p50' || title === 'p99');
  const are = times.length === 1 ? 'is' : 'are';
  return [
    ...(times.length === 0 ? [] : [`${times.join(' and ')} ${are} of latency`]),
    ...(until === undefined ? [] : [`achieved: with ${until}`]),
    ...(titles.includes('in flight')
      ? [`in flight: mean / highest number${noteUntil(until)}`]
      : []),
    'sustained: the verdict, and how many of the trials sustained the rate',
  ].join('; ');
}

function noteUntil(until: string | undefined): string {
  return until === undefined ? '' : ` until ${until} (the cap counts until ready)`;
}

/**
 * Returns the results of the tastes, from which the search got its first rate. A closed loop offers no rate, so tastes
 * are not in the curve.
 */
function noteTastes(steps: readonly StepSummary[], maxInFlight: number): string[] {
  const tastes = steps.filter(({ role, unfinished }) => role === 'taste' && unfinished !== true);
  if (tastes.length === 0) return [];
  const each = tastes.map((taste) => {
    const { startClients = 0, achievedPerSecond } = taste;
    return `${nameClients(startClients, maxInFlight)} achieved ${formatRate(achievedPerSecond)}${describeFailed(taste)}`;
  });
  return [`taste (closed loop, to find the first rate): ${each.join(', ')}`];
}

/** Returns ` (873 of 1,107 failed)`; an empty text if none failed. */
function describeFailed({ accounting: { started, failed } }: StepSummary): string {
  return failed === 0 ? '' : ` (${formatCount(failed)} of ${formatCount(started)} failed)`;
}
