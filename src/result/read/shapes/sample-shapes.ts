import type {
  AcceptQueueDepth,
  CanarySample,
  GeneratorSample,
  HostSample,
  PoolerSample,
  ServerSample,
  WorkerSample,
} from '../../records/samples.ts';
import {
  type Check,
  count,
  counts,
  difference,
  differenceShare,
  flag,
  listOf,
  MANY,
  map,
  mapOf,
  number,
  orNull,
  refuse,
} from './shape.ts';

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

/** Checks a sample of a probe. */
export const sample: Check = (value) => {
  const { probe } = value as { probe?: unknown };
  if (typeof probe !== 'string') return `.probe${refuse('text', probe)}`;
  const own = Object.hasOwn(SAMPLES, probe) ? SAMPLES[probe] : undefined;
  return sampled(value) ?? own?.(value);
};
