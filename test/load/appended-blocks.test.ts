import { describe, expect, it } from 'vitest';
import { checkAccounting } from '../../src/model/accounting.ts';
import { planSearchStep, type SearchStep } from '../../src/scenario/plan/search.ts';
import { VirtualLoad, type VirtualOptions } from '../support/virtual/virtual-load.ts';

const RATES: SearchStep[] = [
  { role: 'taste', level: 4, durationUs: 1_000_000 },
  { role: 'climb', level: 97, durationUs: 3_000_000 },
  { role: 'climb', level: 150, durationUs: 2_000_000 },
];

/** Steps one after another, each when the one before has drained; then the end. */
function runSteps(steps: readonly SearchStep[], options: VirtualOptions = {}, connection = {}) {
  const drained: number[] = [];
  const load = new VirtualLoad(
    { load: { executor: 'saturation-search' }, connection },
    {
      ...options,
      onDrained: (it) => {
        drained.push(it.time.nowUs);
        it.cut();
        const index = drained.length - 1;
        const step = steps[index];
        const { search } = it.plan;
        if (step === undefined || search === undefined) it.finish();
        else it.append(planSearchStep(search, step, { index, fromUs: it.time.nowUs + 50_000 }));
      },
    },
  );
  return { load, drained };
}

function countsOf({ intervals }: VirtualLoad, step: number): { due: number; ok: number } {
  const parts = intervals.flatMap(({ steps }) => steps.filter((part) => part.step === step));
  return {
    due: parts.reduce((sum, { counts }) => sum + counts.due, 0),
    ok: parts.reduce((sum, { counts }) => sum + counts.ok, 0),
  };
}

describe('blocks that are appended while running', () => {
  it.each([1, 2, 3])('begin exactly the arrivals of each, whatever the workers (%d)', (workers) => {
    const { load } = runSteps(RATES, { workers });
    load.run();
    expect(countsOf(load, 1)).toEqual({ due: 291, ok: 291 });
    expect(countsOf(load, 2)).toEqual({ due: 300, ok: 300 });
    const { accounting, connections } = load.recorder.accounting();
    expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
  });

  it('have the same moments whatever the workers', () => {
    const moments = [1, 3].map((workers) => {
      const { load } = runSteps(RATES.slice(1), { workers });
      return load.run().all.map(({ scheduledUs }) => scheduledUs);
    });
    expect(moments[0]).toEqual(moments[1]);
  });

  it('begin when everything before has ended, connections that are held too', () => {
    const { load, drained } = runSteps(RATES.slice(1), {}, { hold: '700ms' });
    load.run();
    const [first, second] = drained;
    const lastOf = (step: number) =>
      Math.max(...load.all.filter((it) => it.step === step).map((it) => it.readyUs));
    expect(first).toBe(0);
    expect(second).toBe(lastOf(0) + 700_000);
    const begun = load.all.filter(({ step }) => step === 1).map(({ startUs }) => startUs);
    expect(Math.min(...begun)).toBe((second ?? 0) + 50_000);
  });

  it('count what is achieved in the part that is measured', () => {
    const { load } = runSteps([{ role: 'climb', level: 100, durationUs: 4_000_000 }]);
    load.run();
    const completed = load.intervals.flatMap(({ steps }) => steps.map((part) => part.completed));
    expect(completed.reduce((sum, it) => sum + it, 0)).toBe(340);
  });

  it('leave intervals without gaps that end where a step has drained', () => {
    const { load, drained } = runSteps(RATES);
    load.run();
    const ends = load.intervals.map(({ toUs }) => toUs);
    for (const atUs of drained.slice(1)) expect(ends).toContain(atUs);
    for (const [at, { fromUs }] of load.intervals.entries()) {
      expect(fromUs).toBe(at === 0 ? 0 : ends[at - 1]);
    }
  });

  it('are followed by no more when they are stopped in the midst of one', () => {
    const { load, drained } = runSteps(RATES.slice(1));
    load.run({
      atUs: 1_000_000,
      act: () => {
        for (const loop of load.loops) loop.stop(1_000_000);
        // As a coordinator that has been stopped.
        drained.push(...new Array(RATES.length).fill(0));
      },
    });
    const { accounting, connections } = load.recorder.accounting();
    expect(accounting.due).toBeLessThan(97);
    expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
  });

  it.each([1, 2])('go on after one that was ended early (%d workers)', (workers) => {
    const server = (): { ready: number } => ({ ready: 400_000 });
    const { load, drained } = runSteps(RATES.slice(1), { workers, server }, { hold: '5s' });
    const endUs = 1_000_000;
    load.run({
      atUs: endUs,
      act: () => {
        for (const loop of load.loops) loop.endBlock();
      },
    });
    const [first, second] = [countsOf(load, 0), countsOf(load, 1)];
    // It began 50 ms after the start, at 97/s; what waited 400 ms for the server was cancelled.
    expect(first.due).toBe(93);
    expect(first.ok).toBeLessThan(60);
    const { accounting, connections } = load.recorder.accounting();
    expect(accounting.cancelled).toBe(first.due - first.ok);
    // What was held was closed: nothing kept the next one from beginning.
    expect(drained[1]).toBe(endUs);
    expect(second).toEqual({ due: 300, ok: 300 });
    expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
  });

  it('must be numbered on', () => {
    const { load } = runSteps([]);
    const { search } = load.plan;
    if (search === undefined) throw new Error('it has no search');
    const step = planSearchStep(
      search,
      { role: 'climb', level: 5, durationUs: 1e6 },
      { index: 1, fromUs: 0 },
    );
    expect(() => load.append(step)).toThrow('step 1 is not the next: 0 is');
  });
});
