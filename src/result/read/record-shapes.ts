/**
 * The shapes that records must have to be read. Only the fields that readers rely on are checked. Other fields may be
 * added or removed.
 */

import type { CrowdRecord } from '../../model/crowd.ts';
import type { ReconnectStorm } from '../../model/ledgers.ts';
import { BOUNDARIES, PHASES } from '../../model/measures.ts';
import type { NoticeCount } from '../../model/notices.ts';
import { type EndRecord, OWN_USES, type OwnSessionsRecord, STOPPED_BY } from '../records/end.ts';
import type { IntervalRecord, SlowAttempt, StepInterval } from '../records/intervals.ts';
import type {
  DecisionRecord,
  LegRecord,
  ResultRecord,
  StepOpenedRecord,
} from '../records/records.ts';
import type {
  AcceptQueueDepth,
  CanarySample,
  GeneratorSample,
  HostSample,
  PoolerSample,
  ProbeRecord,
  ServerSample,
  WatchRecord,
  WorkerSample,
} from '../records/samples.ts';
import { background } from './background-shape.ts';
import { error } from './error-shape.ts';
import { checkEvent } from './event-shape.ts';
import { checkHistogram, checkHistogramData } from './histogram-shape.ts';
import { checkRecovery } from './recovery-shape.ts';
import {
  all,
  amount,
  type Check,
  count,
  counts,
  difference,
  differenceShare,
  flag,
  listOf,
  map,
  mapOf,
  number,
  oneOf,
  orNull,
  refuse,
  text,
} from './shape.ts';
import { checkStep } from './step-shape.ts';

/** More entries than any run writes into one line. */
const MANY = 100_000;

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

const worker = map<WorkerSample>(
  {
    worker: count,
    loopDelayUs: difference,
    arrivals: count,
    latenessP99Us: orNull(difference),
    latenessMaxUs: orNull(difference),
  },
  {
    utilisation: differenceShare,
    loopDelaysUs: listOf(difference, { atMost: MANY }),
    cpuUs: difference,
    cpuWaitUs: difference,
  },
);

const acceptQueue = map<AcceptQueueDepth>({ depth: count }, { limit: count });

/** Fields that every sample has. */
const sampled = map<{ atUs: number; elapsedUs: number }>({
  atUs: number,
  elapsedUs: difference,
});

/** Checks by probe name. Samples of a probe that this version does not know are not checked, and readers skip them. */
const SAMPLES: Record<string, Check> = {
  generator: map<GeneratorSample>(
    { cpuUs: difference, hostBusyUs: difference, hostTotalUs: difference },
    {
      hostStolenUs: number,
      stoppedUs: difference,
      descriptors: count,
      sockets: counts('inUse timeWait'),
      workers: listOf(worker, { atMost: 1024 }),
    },
  ),
  canary: map<CanarySample>(
    { answersUs: listOf(difference, { atMost: MANY }) },
    { waitingUs: difference, reconnects: count },
  ),
  server: map<ServerSample>(
    { tookUs: difference },
    {
      sessions: map<NonNullable<ServerSample['sessions']>>({
        started: number,
        abandoned: number,
        fatal: number,
        killed: number,
      }),
      parallelWorkers: number,
      activity: mapOf(number),
    },
  ),
  // Processes come and go, so the sum of their CPU times may fall far below its last value.
  host: map<HostSample>(
    {},
    {
      cpu: map<NonNullable<HostSample['cpu']>>({
        totalUs: number,
        idleUs: number,
        stolenUs: number,
      }),
      postmaster: map<NonNullable<HostSample['postmaster']>>(
        { onCpuUs: number, waitUs: number },
        { isStopped: flag },
      ),
      reapedUs: number,
      serverCpuUs: number,
      backends: count,
      acceptQueue,
      listenOverflows: number,
      listenDrops: number,
      pressureUs: number,
      throttledUs: number,
      groupCpuUs: number,
    },
  ),
  pooler: map<PoolerSample>(
    {
      clientsActive: count,
      clientsWaiting: count,
      serversActive: count,
      serversIdle: count,
      serversLogin: count,
      maxWaitUs: difference,
    },
    {
      clientsLogin: count,
      waitedUs: difference,
      cpuUs: number,
      cpuWaitUs: number,
      acceptQueue,
    },
  ),
};

const sample: Check = (value) => {
  const { probe } = value as { probe?: unknown };
  if (typeof probe !== 'string') return `.probe${refuse('text', probe)}`;
  const own = Object.hasOwn(SAMPLES, probe) ? SAMPLES[probe] : undefined;
  return sampled(value) ?? own?.(value);
};

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
