import { formatDuration } from '../../duration-text.ts';
import {
  formatCount,
  formatMegabytes,
  formatNumber,
  formatRate,
  formatShare,
} from '../../number-text.ts';
import type { AnswerValue } from '../../result/records/answer.ts';
import type { FigureUnit } from '../../scenario/named-figure.ts';

const FORMATS: Record<FigureUnit, (value: number) => string> = {
  us: formatDuration,
  share: formatShare,
  count: formatCount,
  ratio: formatNumber,
  perSecond: formatRate,
  bytes: formatMegabytes,
};

/** Returns `48.0 ms`, `at least 1.20 s`, `402/s to 421/s`, `none`, or `not known`. */
export function renderValue({ low, high, unit, none, invalid }: AnswerValue): string {
  if (none === true) return 'none';
  const show = FORMATS[unit];
  // A time that only 0 bounds from below, such as an outage too short to be seen, has no lower end.
  const least = unit === 'us' && low === 0 && high !== 0 ? null : low;
  if (least === null && high === null)
    return invalid === true ? 'not known (invalid)' : 'not known';
  if (least === null) return `less than ${show(high ?? 0)}`;
  if (high === null) return `at least ${show(least)}`;
  return show(least) === show(high) ? show(least) : `${show(least)} to ${show(high)}`;
}

/** Returns a value to stand after `is`. It is as from `renderValue`, but two ends are `between 402/s and 421/s`. */
export function renderOne(value: AnswerValue): string {
  const text = renderValue(value);
  return text.includes(' to ') ? `between ${text.replace(' to ', ' and ')}` : text;
}

/** Returns a bound as it was meant: `250 ms`, `1%`, `400/s`. */
export function renderBound(unit: FigureUnit, bound: number): string {
  const text = FORMATS[unit](bound);
  return unit === 'us' || unit === 'share' ? text.replace(/(\d)\.0+(?=\D|$)/, '$1') : text;
}

/** Joins `a, b and c`. */
export function joinAnd(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
