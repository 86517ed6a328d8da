import type { CompareRecord } from '../../result/header.ts';
import type { Capacity } from '../../result/summary-records.ts';
import type { CompareOptions } from './compare-sides.ts';
import type { Side } from './obstacles.ts';

/** `descriptive`: not judged, for the reasons that are given. */
export type CapacityVerdict = 'more' | 'fewer' | 'equivalent' | 'inconclusive' | 'descriptive';

/** How many times as many connects a second `a` sustains as the baseline `b`; null: not known on that side. */
export interface CapacityRatio {
  a: string;
  b: string;
  low: number | null;
  high: number | null;
  verdict: CapacityVerdict;
  /** Why there is no verdict, or what it has to be read with (`forced`). */
  reasons?: string[];
  /** It was judged although there are reasons not to. */
  forced?: true;
}

/** Each against the first; nothing of those that were not searched. */
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
  const unearned = [...findUnearned(b, ofB), ...findUnearned(a, ofA)];
  const reasons = [...objections, ...unearned];
  // No force makes an answer of what was not confirmed.
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
 * By the ends of both answers: at least `a`'s lower one by `b`'s upper one, at most the other way round. An end that is no answer of
 * the target (where connstorm gave out, nothing did, or slots did) leaves that side open. Between answers of a kind that is no capacity,
 * only what excludes 1 is told.
 */
export function findCapacityRatio(a: Capacity, b: Capacity): Ends {
  const [ofA, ofB] = [pickEnds(a), pickEnds(b)];
  const ratio = { low: divide(ofA.low, ofB.high), high: divide(ofA.high, ofB.low) };
  if (isKnown(a) && isKnown(b)) return ratio;
  const excludesOne = (ratio.low ?? 0) > 1 || (ratio.high ?? Infinity) < 1;
  return excludesOne ? ratio : { low: null, high: null };
}

/** Between which rates the capacity lies. What was not held at the end is no lower end; a wall is no upper one, as more slots may take more. */
function pickEnds({ kind, confirmed, lowerPerSecond, upperPerSecond }: Capacity): Ends {
  return {
    low: confirmed === false ? null : lowerPerSecond,
    high: kind === 'wall' || kind === 'invalid' ? null : upperPerSecond,
  };
}

function divide(dividend: number | null, divisor: number | null): number | null {
  return dividend === null || divisor === null || divisor === 0 ? null : dividend / divisor;
}

/** Why an answer allows no verdict, and how to get one that does; nothing for one that was confirmed. */
function findUnearned(name: string, capacity: Capacity): string[] {
  const { kind, confirmed } = capacity;
  if (!isKnown(capacity)) {
    return [`${name}'s answer is ${String(kind)}: search again where nothing else runs`];
  }
  if (kind === 'invalid') return [`connstorm gave out first with ${name}: see its report`];
  if (kind === 'not-reached') {
    return [`${name}'s capacity was not reached: raise load.maxRate or load.maxDuration`];
  }
  if (confirmed === true) return [];
  const what = confirmed === false ? 'was not held at the end' : 'was not confirmed';
  return [`what was found of ${name} ${what}: search again, with a longer load.maxDuration`];
}

const KINDS: readonly string[] = ['found', 'not-reached', 'wall', 'invalid'];

/** Whether the answer's bounds are ends of a capacity: not of a target that changed meanwhile, nor of a newer version's kind. */
function isKnown({ kind }: Capacity): boolean {
  return KINDS.includes(kind);
}

/** `relative`: a share of the baseline that does not matter. */
function judgeRatio({ low, high }: Ends, relative: number): CapacityVerdict {
  const [least, most] = [low ?? 0, high ?? Number.POSITIVE_INFINITY];
  if (least > 1 + relative) return 'more';
  if (most < 1 - relative) return 'fewer';
  return least >= 1 - relative && most <= 1 + relative ? 'equivalent' : 'inconclusive';
}
