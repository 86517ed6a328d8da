import type { RoundSummary } from '../../result/records/summary-records.ts';

/** What a figure is read from: a round, a variant or a run. */
export type Measured = Pick<RoundSummary, 'accounting' | 'metrics' | 'validity'>;
