import { findTrust, type VariantTrust } from '../../analysis/validity/variant-trust.ts';
import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import type { VariantsSummaryRecord } from '../../result/records/summary-records.ts';

type Told = Pick<VariantsSummaryRecord, 'variants' | 'comparison'>;

/** Returns how far each variant can be trusted, in the order of the summary. */
export function listTrust({ variants, comparison }: Told): [name: string, trust: VariantTrust][] {
  const isCompared = comparison.length > 0;
  return Object.entries(variants).map(([name, summary]) => [name, findTrust(summary, isCompared)]);
}

/** Returns `valid` for a run that is valid, or which parts of it are not. Headline and verdict show the same text. */
export function describeValid(summary: Told): { text: string; isWhole: boolean } {
  const limits = listTrust(summary).flatMap(([name, trust]) => {
    const what = [...(trust.isLate ? ['late'] : []), ...countLeftOut(trust)];
    return what.length === 0 ? [] : [`${name}: ${what.join(', ')}`];
  });
  if (limits.length === 0) return { text: 'valid', isWhole: true };
  return { text: escapeControls(`valid as a comparison (${limits.join('; ')})`), isWhole: false };
}

/** Returns `2 of 11 rounds left out`; an empty list if none are. */
function countLeftOut({ leftOut, planned }: VariantTrust): string[] {
  return leftOut === 0 ? [] : [`${leftOut} of ${formatCounted(planned, 'round')} left out`];
}

/**
 * Returns the trust in one variant for the column `valid`. `code`: that of the reason that makes the variant invalid.
 */
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
