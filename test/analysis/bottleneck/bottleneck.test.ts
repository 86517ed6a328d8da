import { describe, expect, it } from 'vitest';
import { createSummary } from '../../../src/analysis/summary.ts';
import type { OkAttempt } from '../../../src/metrics/ok-attempt.ts';
import { Recorder } from '../../../src/metrics/recorder.ts';
import type { Bottleneck } from '../../../src/result/records/bottleneck.ts';
import type { HeaderRecord, StepRecord } from '../../../src/result/records/header.ts';
import type { ResultRecord } from '../../../src/result/records/records.ts';
import type {
  CanarySample,
  HostSample,
  ProbeRecord,
  SampleRecord,
} from '../../../src/result/records/samples.ts';
import { makeHeader, makeOk, REFUSED, SECOND_US } from '../../support/synthetic/synthetic-run.ts';

/** What a second of load is like: how connects go, and how the postmaster and the canary fare. */
interface Second {
  role?: StepRecord['role'];
  ok: number;
  dropped?: number;
  refused?: number;
  spawnUs: number;
  readyUs: number;
  onCpu: number;
  wait: number;
  idle: number;
  canaryUs: number;
  /** What others took of the host's CPUs; absent: not known. */
  others?: number;
}

const CALM: Second = {
  role: 'baseline',
  ok: 20,
  spawnUs: 4000,
  readyUs: 9000,
  onCpu: 0.02,
  wait: 0.01,
  idle: 0.85,
  canaryUs: 700,
};
const CLIMB: Second = { ...CALM, role: 'climb', ok: 100, onCpu: 0.4, idle: 0.5 };
const SERIAL: Second = {
  ...CLIMB,
  dropped: 60,
  spawnUs: 400_000,
  onCpu: 0.92,
  wait: 0.06,
  idle: 0.06,
};
const CROWDED: Second = {
  ...SERIAL,
  readyUs: 60_000,
  onCpu: 0.13,
  wait: 0.86,
  idle: 0.01,
  canaryUs: 9000,
};
/** Somebody stopped the server for most of it. */
const STOPPED: Second = { ...SERIAL, onCpu: 0.1, wait: 0, idle: 0.9 };

function makeSteps(seconds: readonly Second[]): StepRecord[] {
  return seconds.map(({ role, ok, dropped = 0, refused = 0 }, index) => ({
    index,
    fromUs: index * SECOND_US,
    toUs: (index + 1) * SECOND_US,
    startRatePerSecond: ok + dropped + refused,
    endRatePerSecond: ok + dropped + refused,
    ...(role === undefined ? {} : { role }),
  }));
}

/** The attempts of a second, evenly over its first half: all are ready within it. */
function fill(recorder: Recorder, second: Second, step: number): void {
  const { ok, dropped = 0, refused = 0, spawnUs, readyUs } = second;
  const at = (i: number): number => step * SECOND_US + Math.floor((i / (ok + refused)) * 500_000);
  for (let i = 0; i < ok; i++) {
    const attempt: OkAttempt = {
      ...makeOk(500 + spawnUs + readyUs, { step, index: i, scheduledUs: at(i) }),
      tcpUs: 500,
      spawnUs,
      authUs: -1,
      readyUs,
    };
    recorder.recordBegun(step, attempt.startUs, 0);
    recorder.recordOk(attempt);
    recorder.recordConnectionEnd(step, attempt.atUs, 'closed');
  }
  for (let i = 0; i < dropped; i++) recorder.recordDropped(step, step * SECOND_US, 0);
  for (let i = ok; i < ok + refused; i++) {
    const ended = { step, index: i, scheduledUs: at(i), startUs: at(i), atUs: at(i) + 1000 };
    recorder.recordBegun(step, at(i), 0);
    recorder.recordEnded(ended, 'failed', REFUSED);
  }
}

/** Four samples of the host, two of the canary. */
function sample(second: Second, step: number): SampleRecord[] {
  const { onCpu, wait, idle, canaryUs, others } = second;
  const quarterUs = SECOND_US / 4;
  const hosts = [1, 2, 3, 4].map(
    (quarter): HostSample => ({
      type: 'sample',
      probe: 'host',
      atUs: step * SECOND_US + quarter * quarterUs,
      elapsedUs: quarterUs,
      cpu: { totalUs: 2 * quarterUs, idleUs: 2 * quarterUs * idle, stolenUs: 0 },
      postmaster: { onCpuUs: onCpu * quarterUs, waitUs: wait * quarterUs },
      ...(others === undefined ? {} : { serverCpuUs: 2 * quarterUs * (1 - idle - others) }),
    }),
  );
  const generators = [1, 2, 3, 4].map(
    (quarter): SampleRecord => ({
      type: 'sample',
      probe: 'generator',
      atUs: step * SECOND_US + quarter * quarterUs,
      elapsedUs: quarterUs,
      cpuUs: 0,
      hostBusyUs: 2 * quarterUs * (1 - idle),
      hostTotalUs: 2 * quarterUs,
    }),
  );
  const canaries = [1, 2].map(
    (half): CanarySample => ({
      type: 'sample',
      probe: 'canary',
      atUs: step * SECOND_US + half * 2 * quarterUs,
      elapsedUs: 2 * quarterUs,
      answersUs: [canaryUs, canaryUs, canaryUs, canaryUs, canaryUs],
    }),
  );
  return [...hosts, ...canaries, ...(others === undefined ? [] : generators)];
}

interface Options {
  isSearch?: boolean;
  probes?: readonly SampleRecord['probe'][];
  told?: ProbeRecord[];
  header?: Partial<HeaderRecord['target']['server']>;
  /** Logins waited for connstorm's own SCRAM keys, most of their time. */
  hasSlowKeys?: boolean;
  /** The steps are closed loops. */
  isClosed?: boolean;
  /** The kill switch ends it in its last step. */
  isKilled?: boolean;
}

/** The verdict on seconds that follow each other. */
function judge(seconds: readonly Second[], options: Options = {}): Bottleneck | null {
  const { isSearch = true, probes = ['host', 'canary'], isKilled = false } = options;
  const steps = makeSteps(seconds).map((step): StepRecord => {
    const { startRatePerSecond: _, endRatePerSecond: __, ...closed } = step;
    return options.isClosed === true
      ? { ...closed, loop: 'closed', startClients: 8, endClients: 8 }
      : step;
  });
  const recorder = new Recorder({ steps });
  for (const [step, second] of seconds.entries()) fill(recorder, second, step);
  const intervals = recorder.closeAll(seconds.length * SECOND_US);
  const made = makeHeader({ steps });
  const { due } = recorder.accounting().accounting;
  const fold = createSummary({
    ...made,
    target: { ...made.target, server: { ...made.target.server, ...options.header } },
    plan: isSearch
      ? { ...made.plan, steps: [], arrivalCount: null, search: SEARCH }
      : { ...made.plan, arrivalCount: due },
  });
  for (const told of options.told ?? []) fold.add(told);
  for (const [at, step] of steps.entries()) {
    const records: ResultRecord[] = [
      ...(isSearch ? [{ type: 'step' as const, ...step }] : []),
      ...intervals.filter(({ fromUs }) => fromUs >= step.fromUs && fromUs < step.toUs),
      ...sample(seconds[at] ?? CALM, at).filter(({ probe }) => probes.includes(probe)),
      ...(isSearch ? [decide(step.toUs, at === steps.length - 1, isKilled)] : []),
    ];
    for (const record of records) fold.add(record);
  }
  const keys = { derivations: 5000, salts: 9, cache: false, shortestUs: 3000, meanUs: 900_000 };
  fold.add({
    type: 'end',
    atUs: seconds.length * SECOND_US,
    stoppedBy: 'end',
    ...(options.hasSlowKeys === true ? { scram: keys } : {}),
  });
  return fold.finish().bottleneck;
}

const SEARCH = {
  growth: 1.25,
  stepUs: SECOND_US,
  tolerance: 0.05,
  trials: 3,
  maxDurationUs: 60 * SECOND_US,
};

function decide(atUs: number, isLast: boolean, isKilled: boolean): ResultRecord {
  if (isLast && isKilled) return { type: 'decision', atUs, decision: 'kill', reason: 'refused' };
  const next = { next: 'step', role: 'climb', level: 100, durationUs: SECOND_US } as const;
  return {
    type: 'decision',
    atUs,
    decision: isLast ? 'done' : 'step',
    reason: 'because',
    search: isLast ? { next: 'done' } : next,
  };
}

/** Another process has nearly all of the CPUs, at any rate. */
const OTHERS = { idle: 0.003, others: 0.92 };

const FOUND = [CALM, CLIMB, SERIAL, SERIAL, SERIAL];

it('compares with no calm that others disturbed, and proves nothing by it', () => {
  const seconds = [CALM, CLIMB, CROWDED, CROWDED].map((second) => ({ ...second, ...OTHERS }));
  const found = judge(seconds, { probes: ['host', 'canary', 'generator'] });
  expect(found).toMatchObject({ cause: 'host-cpu', confidence: 'inferred' });
  expect(found?.missing?.join()).toContain('others took the CPU in each step at a low rate');
  for (const { text } of found?.evidence ?? []) expect(text).not.toContain('in calm');
});

/** A search whose only step is a closed loop: 8 clients, of whom most are refused. */
const CROWD: Second = { ...CALM, role: 'taste', ok: 20, refused: 60 };

describe('a wall that a closed loop met', () => {
  const WALL = { cause: 'connection-limit', confidence: 'proven' };

  it('is what gives out in a search that came no further', () => {
    expect(judge([CROWD], { probes: [], isClosed: true })).toMatchObject({
      ...WALL,
      evidence: [
        { text: 'connects refused because no slot was free', value: 60, unit: '1' },
        { text: 'connects tried', value: 80, unit: '1' },
      ],
    });
  });

  it('is what gives out in a search that the kill switch ended in it', () => {
    expect(judge([CROWD], { probes: [], isClosed: true, isKilled: true })).toMatchObject(WALL);
  });

  it.each([true, false])('is what gives out without probes (closed loop: %s)', (isClosed) => {
    const { role: _, ...crowd } = CROWD;
    const options = { isSearch: false, probes: [], isClosed };
    expect(judge([crowd], options)).toMatchObject(WALL);
    // Nobody looked, and nobody was refused.
    expect(judge([{ ...crowd, refused: 0 }], options)).toBeNull();
  });
});

describe('the bottleneck of a search', () => {
  it.each<[string, Second[], Options, string]>([
    ['a serial postmaster', FOUND, {}, 'postmaster proven'],
    ['the same, from outside', FOUND, { probes: ['canary'] }, 'postmaster inferred'],
    ['the same, with nobody looking', FOUND, { probes: [] }, 'unknown unknown'],
    ['a server stopped in one of its bad steps', [...FOUND, STOPPED], {}, 'postmaster proven'],
    ['full CPUs', [CALM, CLIMB, CROWDED, CROWDED], {}, 'host-cpu proven'],
    [
      'the same, from outside',
      [CALM, CLIMB, CROWDED, CROWDED],
      { probes: ['canary'] },
      'host-cpu inferred',
    ],
    [
      'a wall',
      [CALM, CLIMB, { ...CLIMB, refused: 20 }, { ...CLIMB, refused: 20 }],
      {},
      'connection-limit proven',
    ],
    [
      'the same, in which logins waited for keys of connstorm',
      [CALM, CLIMB, { ...CLIMB, refused: 20 }, { ...CLIMB, refused: 20 }],
      { hasSlowKeys: true },
      'connection-limit proven',
    ],
    [
      'rates that were all sustained, in which they did',
      [CALM, CLIMB, CLIMB],
      { hasSlowKeys: true },
      'generator proven',
    ],
    ['rates that were all sustained', [CALM, CLIMB, CLIMB], {}, 'none proven'],
  ])('%s', (_, seconds, options, says) => {
    const { cause, confidence } = judge(seconds, options) ?? {};
    expect(`${cause} ${confidence}`).toBe(says);
  });

  it('is read from the steps that were not sustained, beside the baseline', () => {
    const { evidence } = judge(FOUND) ?? { evidence: [] };
    expect(evidence).toContainEqual({
      text: 'the postmaster was on a CPU (at low load 2%)',
      value: 92,
      unit: '%',
    });
    expect(evidence).toContainEqual({
      text: 'spawn, median (at low load 4 ms)',
      value: 400,
      unit: 'ms',
    });
  });

  it('says what is missing where it is not proven, with the reason that the probe gave', () => {
    const off = { type: 'probe', atUs: 0, probe: 'host', state: 'off', reason: 'hidepid' } as const;
    const { missing = [] } = judge(FOUND, { probes: ['canary'], told: [off] }) ?? {};
    expect(missing).toEqual([
      expect.stringMatching(/^the postmaster's own time on its host: .* \(hidepid\)$/),
      expect.stringContaining("setup by the server's own clock"),
    ]);
    expect(judge(FOUND)?.missing).toBeUndefined();
  });

  it.each([
    [{ huge_pages: 'off' }, true],
    [{ huge_pages: 'try', huge_pages_status: 'off' }, true],
    [{ huge_pages: 'try', huge_pages_status: 'on' }, false],
    [{ huge_pages: 'try' }, false],
  ])('recommends huge pages where they are not used: %o', (settings, isSaid) => {
    const { advice = [] } = judge(FOUND, { header: { settings } }) ?? {};
    expect(advice.some((line) => line.includes('huge_pages'))).toBe(isSaid);
  });
});

describe('the bottleneck of a run without a search', () => {
  const planned = { isSearch: false };
  it.each<[string, Second[], Options, string]>([
    ['a rate that was sustained', [CLIMB], planned, 'none proven'],
    ['one that was not', [SERIAL], planned, 'postmaster proven'],
    [
      'a ramp beyond what the postmaster can do, from outside',
      [CALM, CLIMB, SERIAL],
      { ...planned, probes: ['canary'] },
      'postmaster inferred',
    ],
    ['a ramp beyond what the CPUs can do', [CALM, CLIMB, CROWDED], planned, 'host-cpu proven'],
    ['slots that are gone', [{ ...CLIMB, refused: 40 }], planned, 'connection-limit proven'],
  ])('%s', (_, seconds, options, says) => {
    const { cause, confidence } = judge(seconds, options) ?? {};
    expect(`${cause} ${confidence}`).toBe(says);
  });

  it('is not told where nobody looked', () => {
    expect(judge([SERIAL], { ...planned, probes: [] })).toBeNull();
  });
});
