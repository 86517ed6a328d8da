import type { Capacity } from '../../result/records/capacity.ts';
import type { CompareRecord } from '../../result/records/header.ts';
import type { CompareOptions } from './compare-sides.ts';
import type { Side } from './obstacles.ts';

/** `descriptive`: not judged, for the reasons that are given. */
export type CapacityVerdict = 'more' | 'fewer' | 'equivalent' | 'inconclusive' | 'descriptive';

/** Ratio of the capacity of `a` to that of the baseline `b`; null: not known on that side. */
export interface CapacityRatio {
  a: string;
  b: string;
  low: number | null;
  high: number | null;
  verdict: CapacityVerdict;
  /** Reasons why there is no verdict, or (`forced`) the warnings that go with it. */
  reasons?: string[];
  /** True: it was judged although there are reasons against that. */
  forced?: true;
}

/** Compares each side with the first one. Sides without a search are left out. */
export function compareCapacities(
  [baseline, ...others]: readonly Side[],
  settings: Pick<CompareRecord, 'relative'>,
  options: CompareOptions,
): CapacityRatio[] {
  const base = baseline?.summary.capacity ?? null;
  if (baseline === undefined || base === null) return [];
  return others.flatMap((other) => {
    const { capacity } = other.summary;
    if (capacity === null) return [];
    const objections = options.findObjections(other, baseline);
    return [judge(other, capacity, baseline, base, { settings, objections, ...options })];
  });
}

function judge(
  { name: a }: Side,
  ofA: Capacity,
  { name: b }: Side,
  ofB: Capacity,
  {
    settings,
    objections,
    isForced,
  }: { settings: Pick<CompareRecord, 'relative'>; objections: string[]; isForced: boolean },
): CapacityRatio {
  const ratio = findCapacityRatio(ofA, ofB);
  const unearned = describeUnearned([
    { name: b, trouble: findTrouble(ofB) },
    { name: a, trouble: findTrouble(ofA) },
  ]);
  const reasons = [...objections, ...unearned];
  // No force gives a verdict on an answer that was not confirmed.
  const isJudged = unearned.length === 0 && (objections.length === 0 || isForced);
  if (!isJudged) return { a, b, ...ratio, verdict: 'descriptive', reasons };
  const verdict = judgeRatio(ratio, settings.relative);
  return { a, b, ...ratio, verdict, ...(reasons.length === 0 ? {} : { reasons, forced: true }) };
}

interface Ends {
  low: number | null;
  high: number | null;
}

/**
 * Returns the ratio from the ends of both answers: at least `a`'s lower end divided by `b`'s upper end, at most `a`'s
 * upper end divided by `b`'s lower end. An end that is not the target's answer (connstorm gave out, nothing gave out,
 * or slots were the limit) leaves that side open.
 */
export function findCapacityRatio(a: Capacity, b: Capacity): Ends {
  const [ofA, ofB] = [pickEnds(a), pickEnds(b)];
  return { low: divide(ofA.low, ofB.high), high: divide(ofA.high, ofB.low) };
}

/**
 * Returns the rates that the capacity lies between. A rate that the confirmation did not sustain is no lower end. An
 * `unstable` answer keeps its lower end, because its bounds allow for all that was seen, failed confirmations included.
 * A wall is no upper end, because more slots may sustain more.
 */
function pickEnds({ kind, confirmed, lowerPerSecond, upperPerSecond }: Capacity): Ends {
  return {
    low: confirmed === false && kind !== 'unstable' ? null : lowerPerSecond,
    high: kind === 'wall' || kind === 'invalid' ? null : upperPerSecond,
  };
}

function divide(dividend: number | null, divisor: number | null): number | null {
  return dividend === null || divisor === null || divisor === 0 ? null : dividend / divisor;
}

/** Describes, for one side or for both, why an answer allows no verdict, and how to get one that does. */
type Trouble = (names: readonly string[]) => string;

/** Returns undefined for an answer that was confirmed. */
function findTrouble({ kind, confirmed, cutShort }: Capacity): Trouble | undefined {
  if (cutShort !== undefined && kind !== 'found' && kind !== 'invalid') return describeCutSearch;
  if (kind !== 'found' && kind !== 'wall') return TROUBLES[kind];
  if (confirmed === true) return undefined;
  return confirmed === false ? describeUnheld : describeUnconfirmed;
}

const TROUBLES = {
  unstable: (names) =>
    `${nameAnswers(names)} unstable: search again when nothing else needs the machine`,
  invalid: (names) =>
    `connstorm gave out first with ${joinNames(names)}: see ${names.length === 1 ? 'its report' : 'their reports'}`,
  'not-reached': (names) =>
    `${names.length === 1 ? `${names[0]}'s capacity was` : `the capacities of ${joinNames(names)} were`} not reached: raise load.maxRate or load.maxDuration`,
} satisfies Record<Exclude<Capacity['kind'], 'found' | 'wall'>, Trouble>;

const describeCutSearch: Trouble = (names) =>
  `the ${names.length === 1 ? 'search' : 'searches'} of ${joinNames(names)} ${names.length === 1 ? 'was' : 'were'} cut short: see ${names.length === 1 ? 'its report' : 'their reports'}, and search again`;
const describeUnheld: Trouble = (names) =>
  `the confirmation of the capacity found for ${joinNames(names)} failed: ${LONGER}`;
const describeUnconfirmed: Trouble = (names) =>
  `the capacity found for ${joinNames(names)} was not confirmed: ${LONGER}`;
const LONGER = 'search again, with a longer load.maxDuration';

function nameAnswers(names: readonly string[]): string {
  return names.length === 1 ? `${names[0]}'s answer is` : `the answers of ${joinNames(names)} are`;
}

function joinNames(names: readonly string[]): string {
  return names.join(' and ');
}

/** Returns the troubles of the sides. A trouble of both sides is described once. */
function describeUnearned(
  sides: readonly { name: string; trouble: Trouble | undefined }[],
): string[] {
  const troubles = new Set(sides.flatMap(({ trouble }) => trouble ?? []));
  return [...troubles].map((trouble) =>
    trouble(sides.flatMap(({ name, trouble: own }) => (own === trouble ? [name] : []))),
  );
}

/** Judges the ratio. `relative`: share of the baseline that does not matter. */
function judgeRatio({ low, high }: Ends, relative: number): CapacityVerdict {
  const [least, most] = [low ?? 0, high ?? Number.POSITIVE_INFINITY];
  if (least > 1 + relative) return 'more';
  if (most < 1 - relative) return 'fewer';
  return least >= 1 - relative && most <= 1 + relative ? 'equivalent' : 'inconclusive';
}
