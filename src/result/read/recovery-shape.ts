import type { ArrivalSecond, RecoveryRecord } from '../../model/recovery.ts';
import { checkHistogram } from './histogram-shape.ts';
import { type Check, count, listOf, map, number } from './shape.ts';

/** More entries than any run writes into one line. */
const MANY = 100_000;

const gap = listOf(number, { atLeast: 2, atMost: 2 });
/** Checks what an interval keeps for recovery. */
export const checkRecovery: Check = map<RecoveryRecord>(
  { gaps: listOf(gap, { atMost: MANY }) },
  {
    lateUs: listOf(number, { atMost: MANY }),
    arrivals: listOf(map<ArrivalSecond>({ fromUs: number, due: count, latency: checkHistogram }), {
      atMost: MANY,
    }),
  },
);
