import { Histogram } from '../../../src/model/histogram.ts';
import type { EncodedHistogram } from '../../../src/model/measures.ts';
import type { HeaderRecord } from '../../../src/result/records/header.ts';
import type { ResultRecord } from '../../../src/result/records/records.ts';
import {
  makeHeader,
  makeOk,
  makeSteps,
  REFUSED,
  SECOND_US,
  SyntheticRun,
} from './synthetic-run.ts';

/** A result with one record of every kind, and nearly every field. */

const AT = { type: 'sample', atUs: SECOND_US / 2, elapsedUs: 100_000 } as const;

const SAMPLES: ResultRecord[] = [
  {
    ...AT,
    probe: 'generator',
    cpuUs: 5000,
    hostBusyUs: 50_000,
    hostTotalUs: 200_000,
    hostStolenUs: 10,
    stoppedUs: 0,
    descriptors: 30,
    sockets: { inUse: 5, timeWait: 7 },
    workers: [
      {
        worker: 0,
        utilisation: 0.1,
        loopDelayUs: 900,
        loopDelaysUs: [900, 100],
        arrivals: 10,
        latenessP99Us: 500,
        latenessMaxUs: 600,
        cpuUs: 4000,
        cpuWaitUs: 100,
      },
    ],
  },
  { ...AT, probe: 'canary', answersUs: [500, 700], waitingUs: 10, reconnects: 1 },
  {
    ...AT,
    probe: 'server',
    tookUs: 900,
    sessions: { started: 10, abandoned: 0, fatal: 1, killed: 0 },
    parallelWorkers: 0,
    activity: { active: 1, idle: 3 },
  },
  {
    ...AT,
    probe: 'host',
    cpu: { totalUs: 200_000, idleUs: 100_000, stolenUs: 0 },
    postmaster: { onCpuUs: 50_000, waitUs: 100 },
    reapedUs: 10_000,
    serverCpuUs: 60_000,
    backends: 5,
    acceptQueue: { depth: 1, limit: 128 },
    listenOverflows: 0,
    listenDrops: 0,
    pressureUs: 100,
    throttledUs: 0,
  },
  {
    ...AT,
    probe: 'pooler',
    kind: 'pgbouncer',
    clientsActive: 3,
    clientsWaiting: 1,
    serversActive: 2,
    serversIdle: 1,
    serversLogin: 0,
    maxWaitUs: 100,
    clientsLogin: 0,
    waitedUs: 300,
    cpuUs: 5000,
    cpuWaitUs: 10,
    acceptQueue: { depth: 0 },
  },
  { type: 'probe', atUs: 1, probe: 'host', state: 'off', reason: 'not of this machine' },
  { type: 'decision', atUs: 2, decision: 'note', reason: 'a reason' },
  {
    type: 'watch',
    atUs: SECOND_US,
    canary: { answered: 9, meanUs: 500, maxUs: 900, waitingUs: 10 },
    witness: { connected: 1, failed: 0, maxUs: 3000, waitingUs: 20 },
  },
];

/** Of a scenario as it was run. */
export const SPEC = {
  load: { executor: 'constant-arrival-rate', rate: 20, duration: '1s' },
  connection: { driver: 'wire', queries: 0, hold: '0s' },
};

/** Twenty attempts, two of which were refused, and everything that looked on. */
export function makeFullResult(): ResultRecord[] {
  const run = new SyntheticRun(makeSteps(1));
  for (let index = 0; index < 18; index++) run.ok(makeOk(3000 + 100 * index, { index }));
  for (let index = 18; index < 20; index++) {
    const attempt = { step: 0, index, scheduledUs: 0, startUs: 10, atUs: 4000 };
    run.ended(attempt, 'failed', REFUSED);
  }
  const scram = {
    derivations: 2,
    salts: 1,
    cache: true,
    shortestUs: 900,
    meanUs: 1000,
    waits: encode([0, 0, 1100]),
    alone: encode([900, 1100]),
    abandoned: 1,
  };
  const budgets = ['latency p(99) < 250ms', 'failed rate < 20%'];
  const [header, ...rest] = run.records(
    { ...makeHeader(), spec: SPEC, budgets },
    { reason: 'a reason', scram },
  );
  if (header?.type !== 'header' || header.version !== 1) throw new Error('there is no header');
  return [{ ...header, ...HEADED }, ...SAMPLES, ...rest.map(addSeldom)];
}

function encode(values: readonly number[]): EncodedHistogram {
  const histogram = new Histogram();
  for (const us of values) histogram.record(us);
  return histogram.encode();
}

/** What not every header has. */
const HEADED = {
  label: 'before the upgrade',
  watch: { canaryUs: 2_000_000, witnessUs: 5_000_000 },
  taste: { share: 0.33, ratePerSecond: 30, takenPerSecond: { a: 90 } },
} satisfies Partial<HeaderRecord>;

/** What not every interval has. */
function addSeldom(record: ResultRecord): ResultRecord {
  if (record.type !== 'interval') return record;
  return {
    ...record,
    crowd: {
      due: [
        [0, 8],
        [1, 2],
      ],
      begun: [[0, 10]],
    },
    notices: [{ severity: 'WARNING', code: '01000', message: 'password expires soon', count: 3 }],
  };
}
