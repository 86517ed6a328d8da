import type { EndedAttempt, OkAttempt } from '../../../src/metrics/ok-attempt.ts';
import { Recorder } from '../../../src/metrics/recorder.ts';
import type { Failure } from '../../../src/model/measures.ts';
import type { EndRecord } from '../../../src/result/records/end.ts';
import type { HeaderRecord, StepRecord } from '../../../src/result/records/header.ts';
import type { ResultRecord } from '../../../src/result/records/records.ts';

/** Runs that never happened: records of known figures. */

export const SECOND_US = 1_000_000;

/** `count` steps of one second. */
export function makeSteps(count: number): StepRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    fromUs: index * SECOND_US,
    toUs: (index + 1) * SECOND_US,
    startRatePerSecond: 100,
    endRatePerSecond: 100,
  }));
}

export function makeHeader(
  options: { steps?: StepRecord[]; arrivalCount?: number; tls?: string } = {},
): HeaderRecord {
  const { steps = makeSteps(1), arrivalCount = 0, tls = null } = options;
  return {
    type: 'header',
    version: 1,
    connstorm: '0.1.0',
    startedAt: '2026-01-01T00:00:00.000Z',
    scenario: 'steady',
    spec: {
      load: { executor: 'constant-arrival-rate' },
      connection: { driver: 'wire', queries: 0 },
    },
    plan: {
      executor: 'constant-arrival-rate',
      seed: 7,
      workers: 2,
      maxInFlight: 100,
      arrivalCount,
      durationUs: steps.at(-1)?.toUs ?? 0,
      steps,
    },
    environment: {
      node: 'v20.19.0',
      os: 'Linux 6.1',
      arch: 'x64',
      cpuModel: 'a processor',
      cpuCount: 2,
      memoryBytes: 8e9,
      descriptorLimit: 1024,
      localPorts: [32768, 60999],
    },
    target: {
      role: 'direct',
      lab: true,
      labNiceness: 10,
      host: '127.0.0.1',
      address: '127.0.0.1',
      port: 5432,
      database: 'postgres',
      user: 'storm',
      sslmode: 'prefer',
      dnsUs: null,
      server: {
        version: '18.4',
        tls,
        auth: 'scram-sha-256',
        settings: {},
        slots: null,
        pooler: false,
      },
    },
  };
}

export function makeAttempt(overrides: Partial<EndedAttempt> = {}): EndedAttempt {
  return { step: 0, index: 0, scheduledUs: 0, startUs: 0, atUs: 0, ...overrides };
}

/** An ok attempt whose latency is `latencyUs`, `latenessUs` of it before its start. */
export function makeOk(
  latencyUs: number,
  { latenessUs = 0, ...overrides }: Partial<EndedAttempt> & { latenessUs?: number } = {},
): OkAttempt {
  const attempt = makeAttempt(overrides);
  const { scheduledUs } = attempt;
  const serviceUs = latencyUs - latenessUs;
  const tcpUs = Math.floor(serviceUs / 10);
  const spawnUs = Math.floor(serviceUs / 2);
  const authUs = Math.floor(serviceUs / 10);
  return {
    ...attempt,
    startUs: scheduledUs + latenessUs,
    atUs: scheduledUs + latencyUs,
    boundary: 'sslrequest',
    tcpUs,
    spawnUs,
    tlsUs: -1,
    authUs,
    readyUs: serviceUs - tcpUs - spawnUs - authUs,
    serverSetupUs: -1,
    serverForkUs: -1,
    serverAuthUs: -1,
  };
}

export const TIMEOUT: Failure = {
  layer: 'timeout',
  phase: 'spawn',
  code: 'TIMEOUT',
  message: 'no answer within 10 s',
};

export const REFUSED: Failure = {
  layer: 'server',
  phase: 'ready',
  code: '53300',
  message: 'sorry, too many clients already',
};

/** Feeds a recorder attempts from start to close. */
export class SyntheticRun {
  readonly recorder: Recorder;

  constructor(steps: StepRecord[]) {
    this.recorder = new Recorder({ steps });
  }

  ok(attempt: OkAttempt): this {
    const { step, startUs, scheduledUs, atUs } = attempt;
    this.recorder.recordBegun(step, startUs, startUs - scheduledUs);
    this.recorder.recordOk(attempt);
    this.recorder.recordConnectionEnd(step, atUs, 'closed');
    return this;
  }

  ended(
    attempt: EndedAttempt,
    outcome: Parameters<Recorder['recordEnded']>[1],
    failure?: Failure,
  ): this {
    const { step, startUs, scheduledUs } = attempt;
    this.recorder.recordBegun(step, startUs, startUs - scheduledUs);
    this.recorder.recordEnded(attempt, outcome, failure);
    return this;
  }

  dropped(count: number, step = 0): this {
    for (let i = 0; i < count; i++) this.recorder.recordDropped(step, 0, 0);
    return this;
  }

  /** Header, intervals and end. */
  records(header: HeaderRecord, end: Partial<EndRecord> = {}): ResultRecord[] {
    const intervals = this.recorder.closeAll(header.plan.durationUs);
    const { due } = this.recorder.accounting().accounting;
    const plan = { ...header.plan, arrivalCount: due };
    const last: EndRecord = {
      type: 'end',
      atUs: header.plan.durationUs,
      stoppedBy: 'end',
      ...end,
    };
    return [{ ...header, plan }, ...intervals, last];
  }
}
