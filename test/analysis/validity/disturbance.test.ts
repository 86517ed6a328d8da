import { describe, expect, it } from 'vitest';
import { DisturbanceFold, warnOfDisturbance } from '../../../src/analysis/validity/disturbance.ts';
import { HostFold } from '../../../src/analysis/validity/host-fold.ts';
import { findTakenShare } from '../../../src/analysis/validity/host-shares.ts';
import type { SampleRecord } from '../../../src/result/records/samples.ts';
import { ALONE, describeOwn, SHARED, sampleHost } from '../../support/synthetic/host-samples.ts';

function foldAll(samples: readonly SampleRecord[]) {
  const fold = new DisturbanceFold();
  fold.openLeg();
  for (const sample of samples) fold.add(sample);
  return fold.summarise();
}

describe('who had the CPU of the host', () => {
  it('is what was busy, less the server and connstorm', () => {
    const fold = new HostFold();
    for (const sample of sampleHost(0, 3, SHARED)) fold.add(sample);
    const stretches = fold.between(1_000_000, 3_000_000);
    expect(stretches.reduce((sum, { elapsedUs }) => sum + elapsedUs, 0)).toBe(2_000_000);
    for (const { others } of stretches) expect(others).toBeCloseTo(0.42, 6);
    expect(findTakenShare(stretches)).toBeCloseTo(0.42, 6);
  });

  it('is unknown where the host is not seen, or its server is not told', () => {
    const fold = new HostFold();
    for (const sample of sampleHost(0, 2, SHARED)) {
      if (sample.probe !== 'host') fold.add(sample);
      else {
        const { serverCpuUs: _, ...rest } = sample;
        fold.add(rest);
      }
    }
    expect(fold.between(0, 2_000_000)).toEqual([]);
    expect(findTakenShare([])).toBeUndefined();
  });

  it('matters where too little is left for everybody', () => {
    const roomy = { elapsedUs: 1, idle: 0.4, stolen: 0, others: 0.5 };
    expect(findTakenShare([roomy])).toBeUndefined();
    expect(findTakenShare([{ ...roomy, idle: 0.02 }])).toBe(0.5);
    expect(findTakenShare([{ ...roomy, idle: 0.02, others: 0.03 }])).toBeUndefined();
    const quota = { throttled: 0.3, others: 0.6 };
    expect(findTakenShare([{ ...roomy, quota }])).toBe(0.6);
    expect(findTakenShare([{ ...roomy, quota: { ...quota, throttled: 0.05 } }])).toBeUndefined();
    // The host itself is what is short: who took the CPU is known of all of it.
    expect(findTakenShare([{ ...roomy, idle: 0.02, quota }])).toBe(0.5);
  });
});

describe('a run that others disturbed', () => {
  it('says who took how much, and when', () => {
    const disturbance = foldAll([
      ...sampleHost(0, 10, ALONE),
      ...sampleHost(10_000_000, 5, SHARED),
      ...sampleHost(15_000_000, 5, ALONE),
    ]);
    expect(disturbance?.disturbedUs).toBe(5_000_000);
    expect(disturbance?.seenUs).toBe(20_000_000);
    expect(disturbance?.meanShare).toBeCloseTo(0.42, 6);
    expect(disturbance?.when).toEqual([{ fromUs: 10_000_000, toUs: 15_000_000 }]);
    const [warning] = warnOfDisturbance(disturbance, { isOneLeg: true });
    expect(warning?.code).toBe('DISTURBED');
    expect(warning?.message).toContain(
      "other processes took 42% of the target's host's CPU in 5 of 20 s (at 10-15 s), at most 42%",
    );
  });

  it('names the hypervisor where that took it', () => {
    const disturbance = foldAll(
      sampleHost(0, 4, { server: 0.4, own: 0.1, others: 0.02, stolen: 0.45 }),
    );
    const [warning] = warnOfDisturbance(disturbance, { isOneLeg: false });
    expect(warning?.message).toMatch(
      /^other machines \(steal\) took 47% .* in 4 of 4 s, at most 47%/,
    );
  });

  it('names the quota where that was used up, on a host that idled', () => {
    const shares = { server: 0.05, own: 0.05, others: 0.15, hasQuota: true } as const;
    const [warning] = warnOfDisturbance(foldAll(sampleHost(0, 4, shares)), { isOneLeg: false });
    expect(warning?.message).toMatch(
      /^other processes took 60% of the CPU quota that the target shares in 4 of 4 s, at most 60%/,
    );
  });

  it.each([
    [
      'the target used up its quota alone',
      sampleHost(0, 10, { server: 0.2, own: 0.05, others: 0, hasQuota: true }),
    ],
    ['nobody else ran', sampleHost(0, 10, ALONE)],
    ['there was enough for everybody', sampleHost(0, 10, { server: 0.2, own: 0.1, others: 0.4 })],
    [
      'it was half a second',
      [...sampleHost(0, 10, ALONE), ...sampleHost(10_000_000, 1, SHARED).slice(0, 2)],
    ],
    ['the host was not seen', [describeOwn(1_000_000, SHARED)]],
  ])('is none where %s', (_, samples) => {
    expect(foldAll(samples)).toBeUndefined();
  });

  it('holds no sample of one leg against those of another', () => {
    const fold = new DisturbanceFold();
    for (let leg = 0; leg < 2; leg++) {
      fold.openLeg();
      for (const sample of sampleHost(0, 5, leg === 0 ? ALONE : SHARED)) fold.add(sample);
    }
    expect(fold.summarise()).toMatchObject({ seenUs: 10_000_000, disturbedUs: 5_000_000 });
  });
});
