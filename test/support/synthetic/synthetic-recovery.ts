import type { Outage, Recovered, RecoverySummary } from '../../../src/result/records/recovery.ts';

const SECOND_US = 1_000_000;

export const SEEN = {
  kind: 'seen',
  us: 2 * SECOND_US,
  fromUs: 0,
  toUs: 2 * SECOND_US,
  resolutionUs: 5_000,
} as const satisfies Outage;
export const NONE_SEEN: Outage = {
  kind: 'none-seen',
  longestUs: 8_000,
  thresholdUs: 15_000,
  resolutionUs: 5_000,
};
export const NOT_MEASURABLE = { kind: 'not-measurable', reason: 'the host is away' } as const;
const BACK: Recovered = { kind: 'recovered', afterUs: 3 * SECOND_US, beforeP90Us: 2_000 };

/** Figures of one disturbance. */
export const disturbed = (over: Partial<RecoverySummary> = {}): RecoverySummary => ({
  cause: { kind: 'event', event: 'stall', index: 0 },
  round: 1,
  fromUs: 0,
  untilUs: 3 * SECOND_US,
  outage: SEEN,
  recovered: BACK,
  allBack: { kind: 'none-cut' },
  attempts: { ended: 10, ok: 5, perSuccess: 2 },
  peakInFlight: 4,
  errors: [],
  wastedForks: NOT_MEASURABLE,
  ...over,
});
