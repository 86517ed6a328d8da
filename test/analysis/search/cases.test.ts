import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findCapacity } from '../../../src/analysis/search/answer/capacity.ts';
import { judgeStep } from '../../../src/analysis/search/judge-step.ts';
import type { JudgedStep, StepOutcome } from '../../../src/analysis/search/outcome.ts';
import { makeMetric } from '../../support/synthetic/synthetic-side.ts';
import { QUICK } from '../../support/virtual/describe-repetition.ts';
import { overlap } from '../../support/virtual/repetition-law.ts';

/**
 * The steps of ten quick searches of one lab on a machine of two cores on one day, an older version's: `rest`: nothing else
 * ran; `neighbours`: other work took CPU in bursts. That version said `found` of each, and most of its answers excluded each other.
 */
const FOLDER = new URL('cases/', import.meta.url);

interface StoredStep extends Omit<StepOutcome, 'latency' | 'lateness' | 'host'> {
  latency: { count: number; p50Us: number | null; p99Us: number | null };
  latenessP50Us: number | null;
  /** Length in microseconds; shares of idle, stolen, others. */
  host: [number, number, number, number][];
}

function readCase(name: string): JudgedStep[] {
  const lines = readFileSync(new URL(name, FOLDER), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { latency, latenessP50Us, host, ...step }: StoredStep = JSON.parse(line);
    return judgeStep({
      ...step,
      latency: { ...makeMetric(0), ...latency },
      lateness: { ...makeMetric(0), p50Us: latenessP50Us },
      host: host.map(([elapsedUs, idle, stolen, others]) => ({ elapsedUs, idle, stolen, others })),
    });
  });
}

const CASES = readdirSync(FOLDER).map((name) => {
  const steps = readCase(name);
  return { name, steps, capacity: findCapacity(QUICK, steps, { reason: 'the end' }, []) };
});
const pick = (kind: string) => CASES.filter(({ name }) => name.startsWith(kind));

describe('ten searches that contradicted each other, judged again', () => {
  it('are ten', () => {
    expect(pick('rest')).toHaveLength(4);
    expect(pick('neighbours')).toHaveLength(6);
  });

  it('say found only where the intervals overlap', () => {
    const found = CASES.filter(({ capacity }) => capacity.kind === 'found');
    expect(found.length).toBeGreaterThanOrEqual(2);
    for (const a of found) {
      for (const b of found)
        expect(overlap(a.capacity, b.capacity), `${a.name} ${b.name}`).toBe(true);
    }
  });

  it.each(pick('neighbours'))('have bounds where others took the CPU: $name', (each) => {
    const { kind, lowerPerSecond, upperPerSecond, disturbed } = each.capacity;
    const isMostlyAlone = (disturbed?.steps ?? 0) * 3 < (disturbed?.of ?? 0);
    expect(kind).toBe(isMostlyAlone ? 'found' : 'unstable');
    expect(disturbed?.mostShare).toBeGreaterThan(0.4);
    expect(lowerPerSecond).toBeGreaterThan(0);
    expect(upperPerSecond).toBeGreaterThan(lowerPerSecond ?? Infinity);
  });

  it.each(pick('rest'))(
    'were disturbed in a step or two at most where nothing else ran: $name',
    ({ steps }) => {
      expect(steps.filter(({ takenShare }) => takenShare !== undefined).length).toBeLessThanOrEqual(
        2,
      );
    },
  );

  it('call no step sustained that achieved a third less than was offered', () => {
    const steps = CASES.flatMap((each) => each.steps).filter(({ role }) => role === 'trial');
    const poor = steps.filter((step) => step.achievedPerSecond < 0.67 * step.offeredPerSecond);
    expect(poor.length).toBeGreaterThan(0);
    for (const { verdict } of poor) expect(verdict).not.toBe('good');
  });

  it('hold nothing that failed its confirmation', () => {
    const failed = CASES.filter(({ capacity }) => capacity.confirmed !== true);
    expect(failed.length).toBeGreaterThan(0);
    for (const { capacity } of failed) expect(capacity.kind).toBe('unstable');
  });
});
