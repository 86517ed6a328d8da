import { findTrust, type VariantTrust } from '../../analysis/validity/variant-trust.ts';
import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import type { VariantsSummaryRecord } from '../../result/records/summary-records.ts';

type Told = Pick<VariantsSummaryRecord, 'variants' | 'comparison'>;

/** How far each variant can be trusted, in the order of the summary. */
export function listTrust({ variants, comparison }: Told): [name: string, trust: VariantTrust][] {
  const isCompared = comparison.length > 0;
  return Object.entries(variants).map(([name, summary]) => [name, findTrust(summary, isCompared)]);
}

/** Of a run that is valid: `valid`, or what of it is not. Headline and verdict say the same. */
export function describeValid(summary: Told): { text: string; isWhole: boolean } {
  const limits = listTrust(summary).flatMap(([name, trust]) => {
    const what = [...(trust.isLate ? ['late'] : []), ...countLeftOut(trust)];
    return what.length === 0 ? [] : [`${name}: ${what.join(', ')}`];
  });
  if (limits.length === 0) return { text: 'valid', isWhole: true };
  return { text: escapeControls(`valid as a comparison (${limits.join('; ')})`), isWhole: false };
}

/** `2 of 11 rounds left out`; nothing where none are. */
function countLeftOut({ leftOut, planned }: VariantTrust): string[] {
  return leftOut === 0 ? [] : [`${leftOut} of ${formatCounted(planned, 'round')} left out`];
}

/** The same of one variant, in the column `valid`. `code`: of what makes it invalid. */
export function nameTrust(
  trust: VariantTrust,
  code: string,
): { text: string; colour: 'green' | 'yellow' | 'red' } {
  const { state, isLate } = trust;
  if (state === 'invalid') return { text: code, colour: 'red' };
  const without = countLeftOut(trust);
  if (without.length === 0) {
    return state === 'valid'
      ? { text: 'yes', colour: 'green' }
      : { text: 'late, see above', colour: 'yellow' };
  }
  const before = state === 'valid' ? ['yes'] : isLate ? ['late'] : [];
  return { text: [...before, ...without].join(', '), colour: 'yellow' };
}
