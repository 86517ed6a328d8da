import type {
  BackgroundRecord,
  KeptCounts,
  MemoryLook,
  OpeningRecord,
} from '../records/background.ts';
import { error } from './error-shape.ts';
import { checkHistogram } from './histogram-shape.ts';
import { amount, count, counts, listOf, map, number, text } from './shape.ts';

/** More kinds of failures than one activity keeps apart. */
const MANY_ERRORS = 1000;
/** One for each hundred of the most connections that can be held, and some. */
const MANY_LOOKS = 1100;

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
    memory: listOf(map<MemoryLook>({ opened: count, freeBytes: amount }), { atMost: MANY_LOOKS }),
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
