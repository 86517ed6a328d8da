import { escapeControls } from '../../controls.ts';
import { formatCounted, nounOf } from '../../counted.ts';
import type { Comparison, LeftOut, RoundsUsed } from '../../result/records/comparison.ts';

/**
 * Returns which rounds of each side are left out, why, and what that means for the figures. There is one sentence for
 * each side and kind, without repetition.
 */
export function describeLeftOut(comparisons: readonly Comparison[]): string[] {
  const lines = comparisons.flatMap(({ a, b, aRounds, bRounds }) => [
    ...describeSide(b, bRounds),
    ...describeSide(a, aRounds),
  ]);
  return [...new Set(lines)].map(escapeControls);
}

function describeSide(name: string, { planned, leftOut = [] }: RoundsUsed): string[] {
  const unknown = leftOut.filter((kind) => kind.unknown === true);
  const dropped = leftOut.filter((kind) => kind.unknown !== true);
  return [
    ...describeKinds(name, planned, dropped, DROPPED),
    ...describeKinds(name, planned, unknown, UNKNOWN),
  ];
}

const DROPPED =
  'This does not depend on the times of the target: the figures are those of the other rounds';
const UNKNOWN =
  'Which rounds these are may depend on the times that are compared: each of these rounds counts as any time at all, which makes the figures ranges';

function describeKinds(
  name: string,
  planned: number,
  kinds: readonly LeftOut[],
  meaning: string,
): string[] {
  if (kinds.length === 0) return [];
  const count = kinds.reduce((sum, { rounds }) => sum + rounds.length, 0);
  const why = kinds.map(({ code, rounds }) =>
    kinds.length === 1 ? nameCode(code) : `${nameCode(code)} in ${rounds.length}`,
  );
  const many = `${count} of ${name}'s ${formatCounted(planned, 'round')} ${nounOf(count, 'is', 'are')}`;
  return [`${many} left out of the comparison (${why.join(', ')}). ${meaning}`];
}

function nameCode(code: string): string {
  return code === 'CUT_SHORT' ? 'cut short' : code;
}

/** Returns `9/11`, or `11` if all planned rounds count. */
export function countRoundsUsed({ counted, planned }: RoundsUsed): string {
  return counted === planned ? `${counted}` : `${counted}/${planned}`;
}

/** Returns whether rounds are left out that may have taken any time. */
export function hasUnknownRounds({ aRounds, bRounds }: Comparison): boolean {
  return [aRounds, bRounds].some(({ leftOut = [] }) =>
    leftOut.some(({ unknown }) => unknown === true),
  );
}

/** Returns whether any side has rounds that do not count. */
export function isAnyLeftOut(comparisons: readonly Comparison[]): boolean {
  return comparisons.some(({ aRounds, bRounds }) =>
    [aRounds, bRounds].some(({ counted, planned }) => counted < planned),
  );
}
