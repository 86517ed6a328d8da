/**
 * The shapes that records must have to be read. Only the fields that readers rely on are checked. Other fields may be
 * added or removed.
 */

import type { CrowdRecord } from '../../../model/crowd.ts';
import type { ReconnectStorm } from '../../../model/ledgers.ts';
import { BOUNDARIES, PHASES } from '../../../model/measures.ts';
import type { NoticeCount } from '../../../model/notices.ts';
import { type EndRecord, OWN_USES, type OwnSessionsRecord, STOPPED_BY } from '../../records/end.ts';
import type { IntervalRecord, SlowAttempt, StepInterval } from '../../records/intervals.ts';
import type {
  DecisionRecord,
  LegRecord,
  ResultRecord,
  StepOpenedRecord,
} from '../../records/records.ts';
import type { ProbeRecord, WatchRecord } from '../../records/samples.ts';
import { background } from './background-shape.ts';
import { error } from './error-shape.ts';
import { checkEvent } from './event-shape.ts';
import { checkHistogram, checkHistogramData } from './histogram-shape.ts';
import { checkRecovery } from './recovery-shape.ts';
import { sample } from './sample-shapes.ts';
import {
  all,
  amount,
  type Check,
  count,
  counts,
  difference,
  flag,
  listOf,
  MANY,
  map,
  mapOf,
  number,
  oneOf,
  orNull,
  text,
} from './shape.ts';
import { checkStep } from './step-shape.ts';

const attempts = counts('due dropped begun started ok failed abandoned cancelled lost');
const connections = counts('opened closed queryFailed cut lost');
const sessions = counts('begun reconnects connected gaveUp cancelled lost attempts withinGoal');

const hosts = listOf(
  all(
    counts('host started ok failed passedOn abandoned cancelled lost'),
    map({}, { firstOkUs: difference, lastOkUs: difference }),
  ),
  { atMost: MANY },
);

const part = map<StepInterval>(
  {
    step: count,
    counts: attempts,
    completed: count,
    timedOut: count,
    localFailures: mapOf(count),
    connections,
    boundaries: mapOf(count, oneOf(BOUNDARIES)),
    histograms: mapOf(checkHistogram),
  },
  { lastConnectedUs: difference, serverTimes: counts('told sampled'), hosts, sessions },
);

const slowAttempt = map<SlowAttempt>(
  {
    step: count,
    index: count,
    scheduledUs: number,
    latencyUs: amount,
    latenessUs: difference,
    phases: mapOf(amount, oneOf(PHASES)),
  },
  { earlierHostsUs: amount, serverSetupUs: amount, queueWaitUs: amount },
);

const storm = map<ReconnectStorm>({
  firstCutUs: number,
  lastCutUs: number,
  endUs: number,
  cut: count,
  back: count,
  gaveUp: count,
  ended: count,
});

const notice = map<NoticeCount>({ severity: orNull(text), code: text, message: text, count });

/** Pairs: attempts of others in flight, and number of attempts that met so many. */
const crowdCounts = listOf(listOf(count, { atLeast: 2, atMost: 2 }), { atMost: MANY });
const crowd = map<CrowdRecord>({ due: crowdCounts, begun: crowdCounts });

const interval = map<IntervalRecord>(
  {
    fromUs: number,
    toUs: number,
    inFlight: count,
    open: count,
    steps: listOf(part, { atMost: MANY }),
    errors: listOf(error, { atMost: MANY }),
    slowest: listOf(slowAttempt, { atMost: MANY }),
  },
  {
    waiting: count,
    failedInARow: count,
    reconnects: listOf(storm, { atMost: MANY }),
    inFlightSamples: listOf(count, { atMost: MANY }),
    crowd,
    recovery: checkRecovery,
    notices: listOf(notice, { atMost: MANY }),
  },
);

const scram = map<NonNullable<EndRecord['scram']>>(
  { derivations: count, salts: count, cache: flag, shortestUs: amount, meanUs: amount },
  { waits: checkHistogramData, alone: checkHistogramData, abandoned: count },
);

const ownSessions = map<OwnSessionsRecord>({ host: count, counts: mapOf(count, oneOf(OWN_USES)) });

const end = map<EndRecord>(
  { atUs: number, stoppedBy: oneOf(STOPPED_BY) },
  {
    stopAtUs: number,
    reason: text,
    scram,
    records: mapOf(count),
    ownSessions: listOf(ownSessions, { atMost: MANY }),
  },
);

const leg = map<LegRecord>(
  { variant: text, round: count, seed: count, fromUs: number },
  { warmedUs: amount },
);

const decision = map<DecisionRecord>(
  { atUs: number, decision: text, reason: text },
  { search: map<{ next: string }>({ next: text }) },
);

const probe = map<ProbeRecord>(
  { atUs: number, probe: text, state: oneOf(['on', 'off', 'lost', 'back']) },
  { reason: text },
);

const watch = map<WatchRecord>({
  atUs: number,
  canary: map<WatchRecord['canary']>(
    { answered: count, meanUs: orNull(amount), maxUs: orNull(amount) },
    { waitingUs: amount },
  ),
  witness: map<WatchRecord['witness']>(
    { connected: count, failed: count, maxUs: orNull(amount) },
    { waitingUs: amount },
  ),
});

/** Checks by record type. There is none for the summary, which every reader computes anew. */
const SHAPES: Partial<Record<ResultRecord['type'], Check>> = {
  leg,
  legEnd: end,
  interval,
  step: all(checkStep, map<StepOpenedRecord>({})),
  sample,
  probe,
  decision,
  watch,
  background,
  event: checkEvent,
  end,
};

/** Returns what is wrong with a record, beginning with the field's path; undefined: it is sound, or of an unknown type. */
export function checkRecord(record: { type: string }): string | undefined {
  const check = Object.hasOwn(SHAPES, record.type)
    ? SHAPES[record.type as ResultRecord['type']]
    : undefined;
  return check?.(record);
}
