import { describe, expect, it } from 'vitest';
import { constantRate } from '../../support/run-storm.ts';
import {
  type Hands,
  runVariantsVirtually,
  type VirtualOptions,
} from '../../support/virtual/virtual-run.ts';

const KILLED = "the lab's Postgres is gone: it was killed";

/** Two variants in one round, and what happens in between; in virtual time. */
async function storm(options: VirtualOptions, warmUp = '0s') {
  const legs: string[] = [];
  const observer = (hands: Hands) => ({
    ...options.observer?.(hands),
    legStarted: ({ variant }: { variant: string }) => void legs.push(variant),
  });
  const run = await runVariantsVirtually(
    {
      load: constantRate(30, '500ms'),
      variants: { a: {}, b: { load: { duration: '20s' } } },
      warmUp,
    },
    { ...options, observer },
  );
  return { ...run, legs };
}

describe('a run of variants', () => {
  it('ends with its leg when the lab goes, as an error that keeps what was measured', async () => {
    const observer = ({ endLab, attempts }: Hands) => ({
      interval: () => {
        if (attempts.length > 40) endLab(KILLED);
      },
    });
    const { summary, legs, exitCode } = await storm({ observer });
    expect(legs).toEqual(['a', 'b']);
    expect(summary).toMatchObject({ stoppedBy: 'error', reason: KILLED });
    expect(exitCode).toBe(1);
    expect(summary.variants.a?.accounting.ok).toBe(15);
    expect(summary.variants.b?.rounds).toMatchObject([{ stoppedBy: 'error' }]);
    expect(summary.variants.b?.accounting.due).toBeLessThan(600);
  });

  it('whose lab goes in a warm-up begins no arrival of that leg', async () => {
    // Then come the second's warm-up and nothing else.
    const legEnded = ({ time, endLab }: Hands): void =>
      time.at(time.nowUs + 2_000_000, () => endLab(KILLED));
    const { summary, legs, exitCode, attempts } = await storm({ legEnded }, '20s');
    expect(legs).toEqual(['a', 'b']);
    expect(summary).toMatchObject({ stoppedBy: 'error', reason: KILLED });
    expect(exitCode).toBe(1);
    expect(summary.variants.b).toMatchObject({ stoppedBy: 'error', accounting: { begun: 0 } });
    expect(attempts.length).toBeGreaterThan(15 + 15 + 30);
  });

  it('begins no leg when it is stopped between two', async () => {
    const { summary, legs, exitCode } = await storm({ legEnded: ({ stop }) => stop.abort() });
    expect(legs).toEqual(['a']);
    expect(summary).toMatchObject({ stoppedBy: 'signal', reason: 'interrupted' });
    expect(exitCode).toBe(105);
    expect(summary.variants.a).toMatchObject({ stoppedBy: 'end', accounting: { ok: 15 } });
    expect(summary.variants.b).toMatchObject({ stoppedBy: 'signal', rounds: [] });
  });

  it('begins no leg when it is stopped while the threads of the next one start', async () => {
    const legEnded = ({ time, stop }: Hands): void =>
      time.at(time.nowUs + 10_000, () => stop.abort());
    const { summary, legs, exitCode } = await storm({ legEnded });
    expect(legs).toEqual(['a']);
    expect(summary).toMatchObject({ stoppedBy: 'signal', accounting: { ok: 15 } });
    expect(exitCode).toBe(105);
    expect(summary.variants.b?.rounds).toEqual([]);
  });
});
