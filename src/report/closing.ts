import type { CapacityRatio } from '../analysis/comparison/capacity-ratio.ts';
import { escapeControls } from '../controls.ts';
import { formatCounted } from '../counted.ts';
import type { Reason } from '../result/records/summary-figures.ts';
import type { AnySummary } from '../result/records/summary-records.ts';
import { renderCapacityRatios } from './compare/capacity-ratio.ts';
import { describeVerdicts } from './compare/comparison-verdict.ts';
import { nameBottleneck } from './run/bottleneck.ts';
import { describeBudget } from './run/budgets.ts';
import { describePoolersServer, listConnectionFailures } from './run/connection-failures.ts';
import { describePassedOn, STOPS } from './run/headline.ts';
import { describeRates } from './run/steps.ts';
import { colourOfCapacity, describeCapacity, describeCutShort } from './search/capacity.ts';
import { formatCount, formatShare } from './text/format.ts';
import type { Paint } from './text/paint.ts';
import type { DetailInput, Section, VariantsInput } from './text/section.ts';
import { wrapText } from './text/text.ts';
import { describeValid } from './variants/trust.ts';

/**
 * Returns the end of a report: the outcome of the run, each budget that did not pass, and the path of the records. It
 * repeats the answer there for readers of a log's end, or of a terminal after a long report.
 */
export function renderClosing(input: DetailInput): Section {
  const [text, colour] = concludeRun(input);
  return close({ ...input, ...input.run }, text, colour, []);
}

/**
 * Returns the end of the report of a run of variants. It has the comparisons, or how the capacities of its searches
 * compare.
 */
export function renderVariantsClosing(
  input: VariantsInput,
  ratios: readonly CapacityRatio[],
): Section {
  const { summary, columns, paint } = input;
  const { text, isWhole } = describeValid(summary);
  const { trust, colour } = judgeTrust(summary, text);
  const judged = summary.comparison.filter(({ primary }) => primary);
  const answers = [
    ...describeVerdicts(judged, { columns, paint }),
    ...renderCapacityRatios(ratios, { columns, paint }),
  ];
  return close(input, trust, colour === 'green' && !isWhole ? 'yellow' : colour, answers);
}

/** Joins the parts of the closing. `answers`: lines that follow the verdict. */
function close(
  input: VariantsInput,
  verdict: string,
  colour: Colour,
  answers: readonly string[],
): Section {
  const { summary, columns, paint } = input;
  return {
    lines: [
      ...wrapText(escapeControls(`verdict: ${verdict}`), columns, 2).map((line) =>
        paint.bold(paint[colour](line)),
      ),
      ...answers,
      ...listNotPassed(summary, columns, paint),
      ...repeatAnswer(input),
      ...describePath(input),
    ],
  };
}

type Colour = 'green' | 'yellow' | 'red';

function concludeRun({ summary, record, run }: DetailInput): [text: string, Colour] {
  const { capacity, bottleneck, accounting, connections, errors } = summary;
  const { trust, colour } = judgeTrust(run.summary);
  if (capacity !== null) {
    const cause = bottleneck === null ? '' : `; ${nameBottleneck(bottleneck)}`;
    const isWhole = summary.stoppedBy === 'end' && summary.validity.valid;
    const whole = isWhole ? '' : `; ${trust}`;
    // A search cut short by the end of the run is not described twice: judgeTrust gives that reason already.
    const cut =
      capacity.cutShort === undefined || summary.stoppedBy !== 'end'
        ? ''
        : `; ${describeCutShort(capacity.cutShort)}`;
    const found = `${describeCapacity(summary)}${cause}${cut}${whole}`;
    return [found, isWhole ? colourOfCapacity(capacity) : colour];
  }
  const { failed, started, passedOn = 0 } = accounting;
  const failures =
    failed === 0
      ? ''
      : `; ${formatCount(failed)} of ${formatCounted(started, 'attempt')} failed (${formatShare(failed / started)})${describePassedOn(passedOn)}`;
  const later = [...listConnectionFailures(connections), ...describePoolersServer(errors)]
    .map((text) => `; ${text}`)
    .join('');
  return [`${trust}; ${describeRates(summary, record.plan)}${failures}${later}`, colour];
}

/**
 * Returns whether the figures can be trusted, and what ended the run early. `ofValid`: the text for figures that can be
 * trusted.
 */
function judgeTrust(
  { stoppedBy, reason, validity }: AnySummary,
  ofValid = 'valid',
): { trust: string; colour: Colour } {
  const codes = [...new Set(validity.reasons.map(nameReason))].join(', ');
  const valid = validity.valid ? ofValid : `INVALID (${codes})`;
  const colour = validity.valid ? 'green' : 'red';
  const [end] = describeEnd({ stoppedBy, reason });
  if (end === undefined) return { trust: valid, colour };
  return { trust: `${end}; ${valid}`, colour: validity.valid ? 'yellow' : 'red' };
}

/** Returns what ended a run early, as one entry; an empty list if it ran to its end. */
export function describeEnd({
  stoppedBy,
  reason,
}: {
  stoppedBy: AnySummary['stoppedBy'];
  reason?: string | undefined;
}): string[] {
  if (stoppedBy === 'end') return [];
  const what = STOPS[stoppedBy];
  return [reason === undefined || reason === what ? what : `${what}: ${reason}`];
}

/** Returns why figures cannot be trusted, as one entry; an empty list if they can. */
export function describeInvalidity({ validity }: Pick<AnySummary, 'validity'>): string[] {
  if (validity.valid) return [];
  const reasons = validity.reasons.map((reason) => `${nameReason(reason)}: ${reason.message}`);
  return [`the run is invalid: ${[...new Set(reasons)].join('; ')}`];
}

/** Returns `direct LATE_GENERATOR`; without a variant `LATE_GENERATOR`. */
function nameReason({ variant, code }: Reason): string {
  return variant === undefined ? code : `${variant} ${code}`;
}

function listNotPassed({ budgets }: AnySummary, columns: number, paint: Paint): string[] {
  const others = budgets.filter(({ verdict }) => verdict !== 'pass');
  if (budgets.length > 0 && others.length === 0) {
    return [paint.green(budgets.length === 1 ? 'the budget passed' : 'all budgets passed')];
  }
  return others.flatMap((result) =>
    // The budgets' own section has the reason why one was not judged.
    wrapText(
      describeBudget(
        result.verdict === 'not-judged' ? { ...result, reason: 'see budgets' } : result,
      ),
      columns,
      2,
    ).map(result.verdict === 'fail' ? paint.red : paint.yellow),
  );
}

/** Returns the answer once more, for readers of a log's end. */
function repeatAnswer({ summary: { answer }, columns, paint }: VariantsInput): string[] {
  if (answer === undefined) return [];
  return wrapText(escapeControls(`answer: ${answer.text}`), columns, 2).map(paint.bold);
}

function describePath({
  resultPath,
  columns,
  paint,
}: Pick<VariantsInput, 'resultPath' | 'columns' | 'paint'>): string[] {
  if (resultPath === null) return [];
  return wrapText(`result: ${escapeControls(resultPath)}`, columns, 2).map(paint.dim);
}
