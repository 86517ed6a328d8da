import type { VariantSummary } from '../../result/records/summary-records.ts';
import { listLeftOut } from '../comparison/counted-rounds.ts';
import { isSpared } from './variants-validity.ts';

/** Trust in the figures of a variant. Headline, table and verdict of a report all use it. */
export interface VariantTrust {
  /**
   * `valid`: its merged figures can be trusted. `spared`: they cannot, but it can be compared, so the run is valid.
   * `invalid`: it makes the run invalid.
   */
  state: 'valid' | 'spared' | 'invalid';
  /** connstorm was late in it, which does not make the run invalid. */
  isLate: boolean;
  /** Number of begun rounds that the comparison leaves out; 0 if nothing is compared. */
  leftOut: number;
  planned: number;
}

/** Returns how far a variant can be trusted. `isCompared`: the run ends in a comparison by rounds. */
export function findTrust(summary: VariantSummary, isCompared: boolean): VariantTrust {
  const { validity, rounds, roundsPlanned } = summary;
  const leftOut = isCompared ? listLeftOut(rounds) : [];
  const isOwnReason = validity.reasons.some((reason) => reason.rounds === undefined);
  const state = isSpared(summary) ? 'spared' : validity.valid ? 'valid' : 'invalid';
  return {
    state,
    isLate: state === 'spared' && isOwnReason,
    leftOut: leftOut.reduce((sum, { rounds: own }) => sum + own.length, 0),
    planned: roundsPlanned,
  };
}
