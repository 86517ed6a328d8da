import { FROM_SCHEDULE } from '../../analysis/validity/merely-late.ts';
import type { Comparison, OpenCause } from '../../result/records/comparison.ts';
import { formatShare } from '../text/format.ts';
import { describeChange } from './difference.ts';
import { hasUnknownRounds } from './left-out.ts';
import { nameQuantile } from './quantile-name.ts';

/** Returns what is known of the difference instead of a verdict, and what to do for one. */
export function describeNotKnown(comparison: Comparison): string {
  const { low, high, n } = comparison;
  const causes = findCauses(comparison);
  if (low !== null || high !== null || causes.length === 0) {
    return `${describeChange(comparison)} (n = ${n}); ${describeWant(comparison, causes)}`;
  }
  const clauses = causes.map(
    (cause, index) =>
      `${UNBOUNDED[cause](comparison)}${index === 0 ? ` (n = ${n})` : ''}: ${REMEDIES[cause](comparison)}`,
  );
  return clauses.join('; ');
}

/** Returns what made the interval so wide; an empty list if it was chance. */
function findCauses(comparison: Comparison): readonly OpenCause[] {
  const { low, high, openBy = [], atLeast = [], late = [] } = comparison;
  if (low === null && high === null && openBy.length > 0) return openBy;
  if (hasUnknownRounds(comparison)) return ['left-out'];
  if (atLeast.length > 0) return ['too-few'];
  return late.length > 0 && !openBy.includes('short-of-cpu') ? ['late'] : openBy;
}

type Words = Record<OpenCause, (comparison: Comparison) => string>;

/** Reasons why the interval has neither end. */
const UNBOUNDED: Words = {
  'left-out': () => 'too many rounds are left out to give bounds',
  'too-few': (it) => `too few attempts have this figure to give bounds${describeShares(it)}`,
  'short-of-cpu': () =>
    'connstorm waited for a CPU, and its own lateness is as large as the times, so no bounds can be given',
  late: () => "connstorm's own lateness is as large as the times, so no bounds can be given",
};

const REMEDIES: Words = {
  'left-out': () => 'mend what spoilt them (the report of the run says how), and repeat it',
  'too-few': ({ aggregation }) =>
    `mend what failed (the report of the run says why)${aggregation === 'p(50)' ? '' : ', or compare a lower percentile'}`,
  'short-of-cpu': () => 'repeat it on a quieter machine',
  late: ({ metric }) => `repeat it on a quieter machine${orFromStart(metric)}`,
};

/** Returns what a verdict would need. More rounds of the same kind reduce only the effect of chance. */
function describeWant(comparison: Comparison, [cause]: readonly OpenCause[]): string {
  const { aggregation } = comparison;
  switch (cause) {
    case undefined:
      return 'more or longer rounds may give a verdict';
    case 'left-out':
      return `the rounds that are left out may have taken any time, which makes the range wider: ${REMEDIES[cause](comparison)}`;
    case 'too-few':
      return `too few attempts have this figure (${listFew(comparison)}), so its ${nameQuantile(aggregation)} is only a lower bound`;
    default:
      return `connstorm's own lateness is a part of the difference: ${REMEDIES[cause](comparison)}`;
  }
}

/** Returns the shares of the sides whose figure is a lower bound, or of both sides if it is one only in some rounds. */
function listFew({ a, b, aShare, bShare, atLeast = ['a', 'b'] }: Comparison): string {
  const show = (share: number | null): string => (share === null ? 'none' : formatShare(share));
  return atLeast
    .map((side) => (side === 'a' ? `${show(aShare)} of ${a}'s` : `${show(bShare)} of ${b}'s`))
    .join(' and ');
}

/** Returns the share of each side that is not whole. */
function describeShares(comparison: Comparison): string {
  const { aShare, bShare } = comparison;
  const few = [...(aShare === 1 ? [] : ['a' as const]), ...(bShare === 1 ? [] : ['b' as const])];
  return few.length === 0 ? '' : `: ${listFew({ ...comparison, atLeast: few })}`;
}

/** Returns other figures to compare, which count from the actual start and so contain less lateness. */
function orFromStart(metric: Comparison['metric']): string {
  if (!FROM_SCHEDULE.includes(metric)) return '';
  const others = metric === 'usable' ? 'usableServiceTime' : 'serviceTime or firstQueryServiceTime';
  return `, or compare ${others}`;
}
