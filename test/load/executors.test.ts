import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../src/drivers/driver.ts';
import { checkAccounting } from '../../src/model/accounting.ts';
import { drawHoldUs } from '../../src/scenario/plan/hold.ts';
import { REFUSAL } from '../support/virtual/simulated-driver.ts';
import { VirtualLoad, type VirtualOptions } from '../support/virtual/virtual-load.ts';

/** All in virtual time, on real loops, rings, journals and recorder. */
function runLoad(
  load: Record<string, unknown>,
  options: VirtualOptions & { connection?: Record<string, unknown> } = {},
): VirtualLoad {
  const { connection = {}, ...rest } = options;
  return new VirtualLoad({ load, connection }, rest).run();
}

function startsOf(attempts: readonly Attempt[]): number[] {
  return attempts.map(({ startUs }) => startUs);
}

function expectLaws({ recorder }: VirtualLoad): void {
  const { accounting, connections } = recorder.accounting();
  expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
}

/** The most intervals [start, end) that contain a moment. */
function countAtOnce(intervals: readonly [number, number][]): number {
  const changes = intervals.flatMap(([from, to]) => [[from, 1] as const, [to, -1] as const]);
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0;
  let most = 0;
  for (const [, by] of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

describe('burst', () => {
  it('of 500 at once starts all of them at the same moment', () => {
    const run = runLoad({ executor: 'burst', clients: 500 });
    expect(startsOf(run.all)).toEqual(new Array(500).fill(0));
    expect(run.recorder.accounting().accounting).toMatchObject({ due: 500, begun: 500, ok: 500 });
    expectLaws(run);
  });

  it('of 500 within 2 s, uniform, has one every 4 ms', () => {
    const run = runLoad({ executor: 'burst', clients: 500, window: '2s' });
    expect(startsOf(run.all)).toEqual(Array.from({ length: 500 }, (_, i) => i * 4000));
  });

  it.each([1, 2, 3])(
    'of 500 within 2 s, random, is evenly distributed over them (seed %d)',
    (seed) => {
      const load = { executor: 'burst', clients: 500, window: '2s', spread: 'random' };
      const starts = startsOf(new VirtualLoad({ load, seed }).run().all);
      expect(starts).toHaveLength(500);
      expect(Math.max(...starts)).toBeLessThan(2_000_000);
      // Kolmogorov and Smirnov: the distance is below 1.95 / sqrt(n) in 99.9 % of samples.
      const distance = starts.reduce((largest, us, i) => {
        const share = us / 2_000_000;
        return Math.max(largest, Math.abs(share - i / 500), Math.abs((i + 1) / 500 - share));
      }, 0);
      expect(distance).toBeLessThan(1.95 / Math.sqrt(500));
      expect(startsOf(new VirtualLoad({ load, seed }).run().all)).toEqual(starts);
    },
  );

  it('drops what is beyond maxInFlight, and counts it', () => {
    const run = runLoad({ executor: 'burst', clients: 500, maxInFlight: 120 });
    expect(run.recorder.accounting().accounting).toMatchObject({ due: 500, dropped: 380, ok: 120 });
    expectLaws(run);
  });

  it('keeps connections that are held until its duration is over, no longer than the last connect without one', () => {
    const held = { connection: { hold: 'end' } };
    const kept = runLoad({ executor: 'burst', clients: 3, duration: '7s' }, held);
    expect(kept.endUs).toBe(7_000_000);
    const gone = runLoad({ executor: 'burst', clients: 3 }, held);
    expect(gone.endUs).toBe(1_000);
  });
});

describe('constant-clients', () => {
  const LOAD = { executor: 'constant-clients', clients: 4, duration: '10s' };

  it('has each client connect, hold, think and connect again', () => {
    const run = runLoad(
      { ...LOAD, clients: 1, think: '200ms' },
      { server: () => ({ ready: 50_000 }), connection: { hold: '250ms' } },
    );
    // 50 ms + 250 ms + 200 ms a cycle.
    expect(startsOf(run.all)).toEqual(Array.from({ length: 20 }, (_, i) => i * 500_000));
    expectLaws(run);
  });

  it('is one step, however long it takes', () => {
    const { steps } = runLoad({ ...LOAD, duration: '1m', think: '1s' }).plan;
    expect(steps).toMatchObject([{ toUs: 60_000_000, startClients: 4, endClients: 4 }]);
  });

  it('never has more connections than clients, and without a pause as many all the time', () => {
    const run = runLoad(LOAD, { server: () => ({ ready: 10_000 }), connection: { hold: '90ms' } });
    const spans = run.all.map(({ startUs }): [number, number] => [startUs, startUs + 100_000]);
    expect(countAtOnce(spans)).toBe(4);
    expect(run.all).toHaveLength(4 * 100);
  });

  it('has no schedule: no latency, no lateness, only service time, and the first query from the start', () => {
    const run = runLoad(LOAD, { server: () => ({ ready: 10_000 }) });
    const metrics = new Set(
      run.intervals.flatMap(({ steps }) => steps.flatMap((it) => Object.keys(it.histograms))),
    );
    expect(metrics).toContain('serviceTime');
    expect(metrics).not.toContain('latency');
    expect(metrics).not.toContain('lateness');
    expect(run.all.every(({ startUs, scheduledUs }) => startUs === scheduledUs)).toBe(true);
  });

  it('goes on with a client whose attempt failed', () => {
    const run = runLoad(
      { ...LOAD, clients: 1, think: '1s' },
      { server: () => ({ failed: 0, failure: REFUSAL }) },
    );
    expect(startsOf(run.all)).toEqual(Array.from({ length: 10 }, (_, i) => i * 1_000_000));
    expectLaws(run);
  });

  it.each([
    { failed: 0, gap: 100_000 },
    { failed: 60_000, gap: 100_000 },
    { failed: 140_000, gap: 140_000 },
  ])('begins no sooner than 100 ms after an attempt that failed after $failed us', (row) => {
    const { failed, gap } = row;
    const run = runLoad({ ...LOAD, clients: 1, duration: '1s' }, { server: () => ({ failed }) });
    const starts = startsOf(run.all);
    expect(starts).toEqual(Array.from({ length: Math.ceil(1e6 / gap) }, (_, i) => i * gap));
    expectLaws(run);
  });

  it('makes clients wait where there is no room, and drops none', () => {
    const run = runLoad(
      { ...LOAD, maxOpen: 2 },
      { server: () => ({ ready: 10_000 }), connection: { hold: '90ms' } },
    );
    const spans = run.all.map(({ startUs }): [number, number] => [startUs, startUs + 100_000]);
    expect(countAtOnce(spans)).toBe(2);
    expect(run.all).toHaveLength(2 * 100);
    expect(run.recorder.accounting().accounting.dropped).toBe(0);
    // The clients take turns.
    expect(new Set(run.all.map(({ index }) => index % 4))).toEqual(new Set([0, 1, 2, 3]));
  });

  it('draws think times evenly by the seed, the same ones again', () => {
    const load = { ...LOAD, clients: 1, duration: '10m', think: { min: '100ms', max: '300ms' } };
    const starts = startsOf(runLoad(load).all);
    const gaps = starts.slice(1).map((us, i) => us - (starts[i] ?? 0) - 1_000);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(300_000);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    // Of 3,000 draws: 5 standard errors are 5.3 ms.
    expect(Math.abs(mean - 200_000)).toBeLessThan(5_300);
    expect(startsOf(runLoad(load).all)).toEqual(starts);
  });
});

describe('ramping-clients', () => {
  it('lets clients in as the number rises, and out after their cycle as it falls', () => {
    const load = {
      executor: 'ramping-clients',
      stages: [
        { duration: '10s', target: 10 },
        { duration: '5s', target: 10 },
        { duration: '10s', target: 0 },
      ],
    };
    const run = runLoad(load, { server: () => ({ ready: 0 }), connection: { hold: '500ms' } });
    const spans = run.all.map(({ startUs }): [number, number] => [startUs, startUs + 500_000]);
    const at = (us: number): number => spans.filter(([from, to]) => from <= us && us < to).length;
    expect([at(500_000), at(1_000_001), at(5_500_000), at(12_000_000)]).toEqual([0, 1, 5, 10]);
    // Half a second after the number fell below a client's, its cycle is over.
    expect(at(20_600_000)).toBeGreaterThanOrEqual(4);
    expect(at(20_600_000)).toBeLessThanOrEqual(5);
    expect(at(24_900_000)).toBe(0);
    expect(countAtOnce(spans)).toBe(10);
    expectLaws(run);
  });

  it('brings a client back where the number rises again', () => {
    const load = {
      executor: 'ramping-clients',
      startClients: 1,
      stages: [
        { duration: '2s', target: 1 },
        { duration: '0s', target: 0 },
        { duration: '2s', target: 0 },
        { duration: '0s', target: 1 },
        { duration: '2s', target: 1 },
      ],
    };
    const starts = startsOf(runLoad(load, { connection: { hold: '999ms' } }).all);
    expect(starts).toEqual([0, 1_000_000, 4_000_000, 5_000_000]);
  });

  it('is cut into steps with the number of clients at their ends', () => {
    const load = { executor: 'ramping-clients', stages: [{ duration: '10s', target: 20 }] };
    const { steps } = runLoad(load).plan;
    expect(steps.map((step) => [step.startClients, step.endClients])).toEqual([
      [0, 10],
      [10, 20],
    ]);
  });
});

describe('the steps of ramping-clients', () => {
  it('know the most clients within them, which may be neither at their start nor at their end', () => {
    const load = {
      executor: 'ramping-clients',
      stages: [
        { duration: '3s', target: 6 },
        { duration: '1s', target: 0 },
        { duration: '0s', target: 9 },
        { duration: '2s', target: 2 },
        { duration: '4s', target: 2 },
      ],
    };
    const { steps } = runLoad(load).plan;
    expect(steps).toMatchObject([
      { startClients: 0, endClients: 5.5, mostClients: 9 },
      { startClients: 5.5, endClients: 2, mostClients: 5.5 },
    ]);
  });
});

describe('several blocks', () => {
  const LOAD = {
    base: { executor: 'constant-arrival-rate', rate: 10, duration: '4s' },
    herd: { executor: 'burst', clients: 50, startTime: '2s' },
    regulars: {
      executor: 'constant-clients',
      clients: 2,
      duration: '3s',
      startTime: '1s',
      think: '1s',
    },
  };

  it('run together, each from its start, their steps numbered through', () => {
    const run = runLoad(LOAD);
    expect(
      run.plan.steps.map(({ index, block, fromUs, toUs }) => [index, block, fromUs, toUs]),
    ).toEqual([
      [0, 0, 0, 4_000_000],
      [1, 1, 2_000_000, 3_000_000],
      [2, 2, 1_000_000, 4_000_000],
    ]);
    const byStep = [0, 1, 2].map((step) => run.all.filter((it) => it.step === step));
    expect(byStep.map(({ length }) => length)).toEqual([40, 50, 6]);
    expect(new Set(startsOf(byStep[1] ?? []))).toEqual(new Set([2_000_000]));
    expect(startsOf(byStep[2] ?? [])[0]).toBe(1_000_000);
    expect(run.plan).toMatchObject({ arrivalCount: 90, clientCount: 2, durationUs: 4_000_000 });
    expectLaws(run);
  });

  it('have caps of their own, and share the run’s', () => {
    const load = {
      one: { executor: 'burst', clients: 50, maxInFlight: 20 },
      two: { executor: 'burst', clients: 50 },
    };
    const run = runLoad(load, { maxInFlight: 60 });
    const begun = [0, 1].map((step) => run.all.filter((it) => it.step === step).length);
    expect(begun).toEqual([20, 40]);
  });

  it('draw holds of their own', () => {
    const load = {
      one: { executor: 'burst', clients: 100 },
      two: { executor: 'burst', clients: 100 },
    };
    const run = runLoad(load);
    const holdsOf = (step: number) =>
      run.all
        .filter((it) => it.step === step)
        .map((it) => drawHoldUs({ minUs: 0, maxUs: 1e9 }, it));
    const [one, two] = [holdsOf(0), holdsOf(1)];
    expect(one).toHaveLength(100);
    expect(two).toHaveLength(100);
    expect(new Set([...one, ...two]).size).toBeGreaterThan(195);
  });

  it('have a gracefulStop each: what one still has under way is cancelled then, of others it is not', () => {
    const load = {
      hasty: { executor: 'burst', clients: 5, gracefulStop: '1s' },
      patient: { executor: 'burst', clients: 7, gracefulStop: '20s' },
    };
    const run = runLoad(load, { server: () => ({ ready: 8_000_000 }) });
    expect(run.recorder.accounting().accounting).toMatchObject({ cancelled: 5, ok: 7 });
    // The block's end is a second after its start.
    const at = run.intervals.find(({ steps }) => steps.some(({ counts }) => counts.cancelled > 0));
    expect(at?.fromUs).toBe(2_000_000);
    expectLaws(run);
  });
});

describe('striping', () => {
  const LOADS: Record<string, Record<string, unknown>> = {
    'constant-arrival-rate': { rate: 97, duration: '3s', arrivals: 'poisson' },
    'ramping-arrival-rate': { stages: [{ duration: '3s', target: 90 }] },
    burst: { clients: 233, window: '1s', spread: 'random' },
    'constant-clients': { clients: 23, duration: '3s', think: { min: '100ms', max: '1s' } },
    'ramping-clients': { stages: [{ duration: '3s', target: 23 }], think: '300ms' },
  };
  const CASES = Object.keys(LOADS).flatMap((executor) =>
    [2, 3, 4, 5, 6, 7].map((workers) => ({ executor, workers })),
  );

  it.each(CASES)('of $executor is exact for $workers workers', ({ executor, workers }) => {
    const load = { executor, ...LOADS[executor] };
    const list = (run: VirtualLoad) =>
      run.all.map(({ index, startUs, step }) => [startUs, index, step]);
    const one = runLoad(load);
    const many = runLoad(load, { workers });
    expect(list(many)).toEqual(list(one));
    for (const [worker, attempts] of many.attempts.entries()) {
      const clients = one.plan.clientCount;
      const mine = attempts.every(
        ({ index }) => (clients === null ? index : index % clients) % workers === worker,
      );
      expect(mine).toBe(true);
    }
    expectLaws(many);
  });
});
