import type { ArrivalSecond, RecoveryRecord } from '../../../model/recovery.ts';
import { checkHistogram } from './histogram-shape.ts';
import { type Check, count, listOf, MANY, map, number } from './shape.ts';

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
