import type { RoundSummary } from '../../result/records/summary-records.ts';

/** The part of a round, a variant or a run that a figure is read from. */
export type Measured = Pick<RoundSummary, 'accounting' | 'metrics' | 'validity'>;
