import { escapeControls } from '../../controls.ts';
import type { Capacity, CapacityAnswer, CutShort } from '../../result/records/capacity.ts';
import type { StepSummary } from '../../result/records/summary-figures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';
import { formatRate, formatRateRange, formatShare, formatSpan } from '../text/format.ts';
import type { DetailInput, Section } from '../text/section.ts';
import { wrapText } from '../text/text.ts';
import { judgePoint } from './curve.ts';

type Kind = CapacityAnswer['kind'];

/** Returns the answer of a search, which comes before all else; no lines without a search. */
export function renderCapacity({ summary, record, columns, paint }: DetailInput): Section {
  const { capacity, steps } = summary;
  if (capacity === null) return { lines: [] };
  const { underGoal } = capacity;
  const answer = describeAnswer(capacity, steps);
  const wrap = (text: string): string[] => wrapText(escapeControls(text), columns, 2);
  return {
    lines: [
      ...wrap(answer).map((line) => paint.bold(paint[colourOfCapacity(capacity)](line))),
      ...(underGoal === undefined ? [] : wrap(describeGoal(underGoal)).map(paint.bold)),
      ...describeEnding(capacity, summary).flatMap(wrap),
      ...(underGoal === undefined ? [] : describeGoalReason(capacity, underGoal).flatMap(wrap)),
      ...describeOutages(capacity).flatMap(wrap),
      ...describeUnrest(capacity).flatMap(wrap),
      ...describeWidth(capacity, record.plan.search?.tolerance).flatMap(wrap).map(paint.yellow),
      ...describeMeaning(capacity).flatMap(wrap).map(paint.dim),
    ],
  };
}

/** Returns what cut the search short, and when; then the reason for the answer, if it is another one. */
function describeEnding(capacity: Capacity, summary: Pick<SummaryRecord, 'validity'>): string[] {
  const { kind, reason, cutShort } = capacity;
  const cut = cutShort === undefined ? [] : [describeCutShort(cutShort)];
  const why =
    cutShort?.reason === reason ? [] : [`${REASONS[kind]}: ${referToValidity(capacity, summary)}`];
  return [...cut, ...why];
}

/**
 * Returns `the search was cut short at about 22 s: the target stopped accepting connects: 115 of 391 connects failed
 * (...)`.
 */
export function describeCutShort({ by, atUs, reason }: CutShort): string {
  const at =
    by === 'target'
      ? `at about ${showMoment(atUs, SECOND_US)}`
      : `at ${showMoment(atUs, TENTH_US)}`;
  const what = by === 'interrupted' ? 'the file of the run ends before the search does' : reason;
  return `the search was cut short ${at}: ${what}`;
}

/** That the target stopped serving is known to about a second: to an interval, or a question of the kill switch. */
const SECOND_US = 1_000_000;
const TENTH_US = 100_000;

function showMoment(us: number, unitUs: number): string {
  return formatSpan(Math.round(us / unitUs) * unitUs);
}

/** Returns why a search ended, or the code of the reason below that has the same text. */
export function referToValidity(
  { reason }: CapacityAnswer,
  { validity: { reasons } }: Pick<SummaryRecord, 'validity'>,
): string {
  const same = reasons.find(({ message }) => message.includes(reason));
  return same === undefined ? reason : `${same.code} (see below)`;
}

/** Returns `sustains 470-520 connects/s (found; confirmed at 430/s for 4 s)`; an empty text without a search. */
export function describeCapacity({
  capacity,
  steps,
}: Pick<SummaryRecord, 'capacity' | 'steps'>): string {
  return capacity === null ? '' : describeAnswer(capacity, steps);
}

function describeAnswer(capacity: Capacity, steps: readonly StepSummary[]): string {
  return `${nameAnswer(capacity)} (${nameKind(capacity, steps)})`;
}

export function colourOfCapacity({ kind, confirmed }: Capacity): 'green' | 'yellow' | 'red' {
  if (kind === 'invalid') return 'red';
  return kind === 'found' && confirmed !== false ? 'green' : 'yellow';
}

/** Introductions of the reason, by kind of answer. */
const REASONS = {
  found: 'above that rate',
  'not-reached': 'what ended the search',
  wall: 'why connects were refused',
  unstable: 'why the interval is not narrower',
  invalid: 'connstorm gave out first',
} satisfies Record<Kind, string>;

/**
 * An interval covers how much repeated trials differ. So it is always wider than the tolerance that ends the search.
 */
const WIDE_TOLERANCES = 2.5;

/** Returns a note if the interval is much wider than the search was asked to make it. */
function describeWidth(
  { kind, lowerPerSecond: lower, upperPerSecond: upper }: CapacityAnswer,
  tolerance: number | undefined,
): string[] {
  if (kind !== 'found' || lower === null || upper === null || tolerance === undefined) return [];
  const [width, asked] = [formatShare(upper / lower - 1), formatShare(tolerance)];
  if (upper / lower - 1 <= WIDE_TOLERANCES * tolerance || width === asked) return [];
  return [`the interval is ${width} wide; ${asked} was asked for`];
}

/** Returns what an answer means that is no capacity. */
function describeMeaning(capacity: Capacity): string[] {
  const { kind, lowerPerSecond, upperPerSecond, leastPerSecond, curve } = capacity;
  const isUnbounded = lowerPerSecond === null && upperPerSecond === null;
  if (kind === 'found') return [];
  const isCut = capacity.cutShort !== undefined;
  if (kind === 'unstable') {
    if (isCut) return [isUnbounded ? NO_BOUNDS : UNTIL_THEN];
    const bounds = leastPerSecond === undefined ? BOUNDS : MOST_OF_THE_TIME;
    return [`${isUnbounded ? NO_BOUNDS : bounds}; ${AGAIN}`];
  }
  if (kind !== 'not-reached') return [MEANINGS[kind]];
  if (isUnbounded) return ['no bounds: the search ended before it could judge a rate'];
  if (lowerPerSecond === null) {
    return ['no lower bound: the search ended before it found a rate that is sustained'];
  }
  return curve.some((point) => judgePoint(point) === 'no')
    ? ['no upper bound: the search ended before it was sure of a rate that is not sustained']
    : ['no upper bound: the search ended before it found a rate that is not sustained'];
}

const BOUNDS = 'the bounds cover all that the search saw';
const UNTIL_THEN =
  'the bounds hold for what the search saw until then: for a closer answer, repeat the search';
const MOST_OF_THE_TIME =
  'the target never achieved more than the upper bound, and at least four fifths of the time it achieved the lower bound or more';
const NO_BOUNDS = 'the search saw nothing that gives a bound on the capacity';
const AGAIN = 'for a closer answer, repeat the search when nothing else needs the machine';

const MEANINGS = {
  wall: 'a wall is a limit on slots, not on what the server can do: with more slots, or a shorter hold, it may sustain more',
  invalid:
    "this is not the target's capacity: above this rate connstorm itself is the limit on this machine",
};

/** Returns the answer as a sentence. */
function nameAnswer(answer: Capacity): string {
  const rates = formatAnswer(answer);
  if (rates === null) return 'capacity unknown';
  // Refusals ended the search before it met a rate that was not sustained.
  if (answer.kind === 'wall' && answer.upperPerSecond === null) {
    return `sustains ${rates.words} connects/s; above that, no slot was free (wall)`;
  }
  return `${VERBS[answer.kind]} ${rates.words} connects/s${nameChange(answer)}`;
}

/**
 * Returns `; the target itself changed by 35% meanwhile`, from the lowest and the highest rate of the same closed loop.
 */
function nameChange({ kind, changed, disturbed }: Capacity): string {
  if (kind !== 'unstable' || changed === undefined) return '';
  if (changed.lowPerSecond < 1) return '; the target itself stood still at times';
  const share = changed.highPerSecond / changed.lowPerSecond - 1;
  if (share < NOTICEABLE_CHANGE) return '';
  // If others took CPU, the change may be that of the machine.
  const what = disturbed === undefined ? 'target' : 'machine';
  return `; the ${what} itself changed by ${formatShare(share)} meanwhile`;
}

/** Controls differ by up to this share on a quiet machine. */
const NOTICEABLE_CHANGE = 0.1;

/** Returns a line for each step that does not count because the target was down, except the one that ended the search. */
function describeOutages({ outages = [], cutShort }: Capacity): string[] {
  return outages
    .filter(({ reason }) => cutShort?.reason.includes(reason) !== true)
    .map(({ reason }) => `${reason}. The step in which that happened does not count`);
}

const UNTRIED =
  'no rate as high as the upper bound was tried: the bound is what the target might reach with the CPU that others took, and it decides no budget';

/** Returns what the upper bound rests on, how much CPU others took, and the lowest rate that was achieved. */
function describeUnrest({ kind, disturbed, leastPerSecond, upperUntried }: Capacity): string[] {
  return [
    ...(upperUntried === true ? [UNTRIED] : []),
    ...(disturbed === undefined
      ? []
      : [
          `others took CPU that the target needed in ${describeSteps(disturbed)} (up to ${formatShare(disturbed.mostShare)} of the host's CPU over a whole step). Of these steps, those that were sustained nevertheless count, and the others do not`,
        ]),
    ...(kind === 'unstable' && leastPerSecond !== undefined
      ? [`for a short time the target achieved only ${formatRate(leastPerSecond)}`]
      : []),
  ];
}

function describeSteps({ steps, of }: { steps: number; of: number }): string {
  if (steps === of) return of === 1 ? 'the only step' : `all ${of} steps`;
  return `${steps} of ${of} steps`;
}

const VERBS = {
  found: 'sustains',
  'not-reached': 'sustains',
  wall: 'hits a wall at',
  unstable: 'sustains',
  invalid: 'capacity unknown; sustains',
} satisfies Record<Kind, string>;

/** Returns the rates of an answer without their unit, in words and in signs; null: there are none. */
export function formatAnswer({
  kind,
  lowerPerSecond: lower,
  upperPerSecond: upper,
}: CapacityAnswer): { words: string; signs: string } | null {
  if (lower !== null && upper !== null) {
    const range = formatRateRange(lower, upper);
    if (kind !== 'unstable') return { words: range, signs: range };
    const [least, most] = [lower, upper].map((rate) => formatRateRange(rate, rate));
    return { words: `at least ${least} and less than ${most}`, signs: range };
  }
  if (lower !== null) {
    const rate = formatRateRange(lower, lower);
    return { words: `at least ${rate}`, signs: `≥ ${rate}` };
  }
  if (upper === null) return null;
  const rate = formatRateRange(upper, upper);
  return { words: `less than ${rate}`, signs: `< ${rate}` };
}

/** Returns `found; confirmed at 362/s for 8 s`. */
function nameKind(capacity: Capacity, steps: readonly StepSummary[]): string {
  const { kind, confirmed } = capacity;
  const hold = steps.findLast(({ role }) => role === 'hold');
  const at = hold === undefined ? '' : describeHold(hold);
  if (confirmed === true) return `${kind}; confirmed${at === '' ? '' : ` at ${at}`}`;
  if (confirmed === false)
    return `${kind}; not confirmed${at === '' ? '' : `: not sustained at ${at}`}`;
  // Without a rate there is nothing to confirm.
  const hasRates = formatAnswer(capacity) !== null;
  return hasRates && (kind === 'found' || kind === 'wall')
    ? `${kind}; not confirmed: not tried`
    : kind;
}

function describeHold({ startRatePerSecond, offeredPerSecond, fromUs, toUs }: StepSummary): string {
  const rate = startRatePerSecond ?? offeredPerSecond;
  return `${formatRate(rate)} for ${formatSpan(toUs - fromUs)}`;
}

type GoalAnswer = NonNullable<Capacity['underGoal']>;

function describeGoal(answer: GoalAnswer): string {
  const rates = formatAnswer(answer);
  const what = rates === null ? 'unknown' : `${rates.words} connects/s`;
  return `with p99 of latency within ${formatSpan(answer.goalUs)}: ${what} (${answer.kind})`;
}

/**
 * Returns the reason for the answer within the goal. If that is `found`, the missed goal is the reason, and no line is
 * needed.
 */
function describeGoalReason({ kind, reason }: Capacity, goal: GoalAnswer): string[] {
  if (goal.kind === 'found' || (goal.kind === kind && goal.reason === reason)) return [];
  return [`within the goal, ${REASONS[goal.kind]}: ${goal.reason}`];
}
