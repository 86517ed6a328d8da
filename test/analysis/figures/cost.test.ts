import { describe, expect, it } from 'vitest';
import { CostFold } from '../../../src/analysis/figures/cost.ts';
import type { IntervalRecord } from '../../../src/result/records/intervals.ts';
import type { StreamRecord } from '../../../src/result/records/records.ts';
import type { HostSample, PoolerSample, ProbeRecord } from '../../../src/result/records/samples.ts';
import {
  makeOk,
  makeSteps,
  SECOND_US,
  SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';

const ON: ProbeRecord = { type: 'probe', atUs: 0, probe: 'host', state: 'on' };

/** From 50 ms before T0, one after the other. */
function sampleHost(figures: Partial<HostSample>[], fromUs = -50_000): HostSample[] {
  return figures.map((figure, index) => ({
    type: 'sample',
    probe: 'host',
    atUs: fromUs + (index + 1) * 600_000,
    elapsedUs: 600_000,
    ...figure,
  }));
}

function samplePooler(cpuUs: (number | undefined)[]): PoolerSample[] {
  const none = { clientsActive: 0, clientsWaiting: 0, serversActive: 0, serversIdle: 0 };
  return cpuUs.map((us, index) => ({
    type: 'sample',
    probe: 'pooler',
    kind: 'pgbouncer',
    atUs: (index + 1) * 600_000,
    elapsedUs: 600_000,
    ...none,
    serversLogin: 0,
    maxWaitUs: 0,
    ...(us === undefined ? {} : { cpuUs: us }),
  }));
}

function attempts(count: number): IntervalRecord[] {
  const run = new SyntheticRun(makeSteps(1));
  for (let i = 0; i < count; i++) run.ok(makeOk(1000));
  return run.recorder.closeAll(SECOND_US);
}

/** A leg of `count` attempts that ends after a second; `endUs` undefined: it was cut off. */
function fold(legs: { told: StreamRecord[]; count?: number; endUs?: number | undefined }[]) {
  const cost = new CostFold();
  for (const leg of legs) {
    cost.openLeg();
    const { told, count = 100, endUs = SECOND_US } = leg;
    for (const record of [...attempts(count), ...told]) cost.add(record);
    if (!('endUs' in leg) || leg.endUs !== undefined) cost.closeLeg({ atUs: endUs });
  }
  return cost;
}

function onCpu(onCpuUs: number): NonNullable<HostSample['postmaster']> {
  return { onCpuUs, waitUs: 0 };
}

const WHOLE = sampleHost([
  { serverCpuUs: 300_000, backends: 7, postmaster: onCpu(10_000) },
  { serverCpuUs: 200_000, backends: 9, postmaster: onCpu(30_000) },
]);
const UNKNOWN = "the server's CPU is not known";
const UNTOLD = 'the system does not list its processes, or there are more than 1,000';
const GAPS = 'the samples do not cover the whole load';

describe('what connects cost', () => {
  it('is the CPU of a load by its attempts', () => {
    expect(fold([{ told: [ON, ...WHOLE] }]).summarise({ isPooled: false })).toEqual({
      serverCpuPerConnectUs: 5000,
      postmasterCpuPerConnectUs: 400,
      poolerCpuPerConnectUs: null,
      backendsMost: 9,
    });
  });

  it('tells the part of the postmaster, even if the system lists no processes', () => {
    const unlisted = sampleHost([{ postmaster: onCpu(10_000) }, { postmaster: onCpu(30_000) }]);
    expect(fold([{ told: [ON, ...unlisted] }]).summarise({ isPooled: false })).toMatchObject({
      serverCpuPerConnectUs: null,
      postmasterCpuPerConnectUs: 400,
    });
  });

  it('tells no part of the postmaster that was not seen', () => {
    const unseen = sampleHost([{ serverCpuUs: 300_000 }, { serverCpuUs: 200_000 }]);
    expect(fold([{ told: [ON, ...unseen] }]).summarise({ isPooled: false })).toMatchObject({
      serverCpuPerConnectUs: 5000,
      postmasterCpuPerConnectUs: null,
    });
  });

  it('is in the samples that tell it: each of what came since the one before', () => {
    const told = [ON, ...sampleHost([{}, { serverCpuUs: 300_000 }, {}, { serverCpuUs: 200_000 }])];
    const cost = fold([{ told }]).summarise({ isPooled: false });
    expect(cost?.serverCpuPerConnectUs).toBe(5000);
  });

  it('is that of all rounds together', () => {
    const legs = [{ told: [ON, ...WHOLE] }, { told: [ON, ...WHOLE], count: 300 }];
    expect(fold(legs).summarise({ isPooled: false })?.serverCpuPerConnectUs).toBe(2500);
  });

  it('is not told where nobody looked', () => {
    expect(fold([{ told: [] }]).summarise({ isPooled: false })).toBeUndefined();
  });

  it.each<[string, StreamRecord[], string]>([
    ['begin after T0', sampleHost([{ serverCpuUs: 9 }, { serverCpuUs: 9 }], 1), GAPS],
    ['end before the last connection does', WHOLE.slice(0, 1), GAPS],
    ['have a gap', [...WHOLE.slice(0, 1), ...sampleHost([{ serverCpuUs: 9 }], 600_000)], GAPS],
    ['tell of no processes', sampleHost([{}, {}]), UNTOLD],
    ['do not tell at last', sampleHost([{ serverCpuUs: 9 }, {}]), UNTOLD],
    [
      'are missing',
      [{ ...ON, state: 'off', reason: 'not on this machine' }],
      'its host: not on this machine',
    ],
  ])('is null, not 0, where samples %s', (_, told, reason) => {
    const cost = fold([{ told: [ON, ...told] }]).summarise({ isPooled: false });
    expect(cost?.serverCpuPerConnectUs).toBeNull();
    expect(cost?.notes).toEqual([`${UNKNOWN} (${reason})`]);
  });

  it('of a file that was cut off is of the rounds before', () => {
    const legs = [{ told: [ON, ...WHOLE] }, { told: [ON, ...WHOLE], count: 50, endUs: undefined }];
    expect(fold(legs).summarise({ isPooled: false })).toMatchObject({
      serverCpuPerConnectUs: 5000,
      notes: [`the server's CPU is known for only 1 of 2 rounds: ${GAPS}`],
    });
  });

  it('says how exact it is where ticks are much of it', () => {
    const told = [ON, ...sampleHost([{ serverCpuUs: 50_000 }, { serverCpuUs: 50_000 }])];
    expect(fold([{ told }]).summarise({ isPooled: false })).toMatchObject({
      serverCpuPerConnectUs: 1000,
      notes: [
        "the server's CPU per connect is exact to ±200 µs, because the system counts the CPU time of ended processes in steps of 10 ms",
      ],
    });
  });

  it("has the pooler's process where there is one, and why it has not", () => {
    const cost = (us: (number | undefined)[], isPooled = true) =>
      fold([{ told: [ON, ...WHOLE, ...samplePooler(us)] }]).summarise({ isPooled });
    expect(cost([10_000, 20_000])).toMatchObject({ poolerCpuPerConnectUs: 300 });
    expect(cost([undefined, undefined])).toMatchObject({
      poolerCpuPerConnectUs: null,
      notes: [
        "the pooler's CPU is not known (its process is not on this machine, or there are several)",
      ],
    });
    expect(cost([], false)).not.toHaveProperty('notes');
  });

  it("counts backends by the server's views where its host is not seen", () => {
    const views = { type: 'sample', probe: 'server', elapsedUs: 1, tookUs: 1 } as const;
    const told: StreamRecord[] = [
      { ...ON, state: 'off', reason: 'elsewhere' },
      { ...views, atUs: 1, activity: { active: 3, idle: 2 } },
      { ...views, atUs: 2, activity: { idle: 1 } },
      { ...views, atUs: 3 },
    ];
    expect(fold([{ told }]).summarise({ isPooled: false })?.backendsMost).toBe(5);
  });
});
