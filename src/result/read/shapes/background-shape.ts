import type {
  BackendMemory,
  BackgroundRecord,
  KeptCounts,
  OpeningRecord,
} from '../../records/background.ts';
import { error } from './error-shape.ts';
import { checkHistogram } from './histogram-shape.ts';
import { amount, count, counts, listOf, map, number, text } from './shape.ts';

/** More kinds of failures than one activity keeps apart. */
const MANY_ERRORS = 1000;

const kept = map<KeptCounts>({
  wanted: count,
  open: count,
  lost: count,
  back: count,
  awayUs: amount,
  longestAwayUs: amount,
});

const opening = map<OpeningRecord>(
  { asked: count, opened: count, elapsedUs: amount },
  {
    leftOut: text,
    memory: map<BackendMemory>({ backends: count, bytes: amount }),
  },
);

/** Checks a record of an activity beside the load. */
export const background = map<BackgroundRecord>(
  {
    name: text,
    activity: text,
    fromUs: number,
    toUs: number,
    actingUs: amount,
    acts: counts('due done failed skipped cancelled'),
    inFlight: count,
    errors: listOf(error, { atMost: MANY_ERRORS }),
  },
  { latency: checkHistogram, inTime: count, workers: counts('planned launched'), kept, opening },
);
