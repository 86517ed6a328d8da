import { describe, expect, it } from 'vitest';
import { judgeStep } from '../../../src/analysis/search/judge-step.ts';
import type { StepOutcome } from '../../../src/analysis/search/outcome.ts';
import { makeMetric } from '../../support/synthetic/synthetic-side.ts';

const summary = (us: number) => makeMetric(us, { count: 400 });

const SUSTAINED: StepOutcome = {
  role: 'climb',
  atUs: 1_000_000,
  level: 100,
  offeredPerSecond: 100,
  achievedPerSecond: 100,
  started: 400,
  dropped: 0,
  timedOut: 0,
  refused: 0,
  broken: 0,
  inFlight: new Array(34).fill(1),
  latency: summary(5000),
  lateness: summary(300),
  measuredUs: 3_400_000,
  ownCpuShare: 0.1,
  served: true,
  isBrokenAtEnd: false,
  reasons: [],
};
const GROWING = Array.from({ length: 34 }, (_, at) => at);
const OUTAGE = { fromUs: 0, toUs: 1_000_000, failed: 1, signs: 'ECONNREFUSED' };
const reason = (code: string) => ({ code, message: `because of ${code}` });

describe('a step of a search', () => {
  it.each<[string, Partial<StepOutcome>, string]>([
    ['is good where all is achieved', {}, 'good'],
    ['is good with 97 % of it', { achievedPerSecond: 97 }, 'good'],
    ['is good where in flight grew and all was achieved', { inFlight: GROWING }, 'good'],
    [
      'was held up where less was achieved and nothing piled up',
      { achievedPerSecond: 90 },
      'held-up',
    ],
    [
      'was held up, however long latency is, where a third is missing',
      { achievedPerSecond: 64, offeredPerSecond: 100, latency: summary(800_000) },
      'held-up',
    ],
    [
      'is good where one latency after the window is all that is missing',
      { achievedPerSecond: 95, latency: summary(80_000) },
      'good',
    ],
    [
      'is good where a single arrival is all that is missing',
      { offeredPerSecond: 6, achievedPerSecond: 5.6 },
      'good',
    ],
    [
      'is bad where less was achieved and in flight grew',
      { achievedPerSecond: 90, inFlight: GROWING },
      'bad',
    ],
    [
      'is bad where arrivals were dropped at the cap',
      { achievedPerSecond: 90, dropped: 30 },
      'bad',
    ],
    ['is bad where attempts timed out', { achievedPerSecond: 90, timedOut: 30 }, 'bad'],
    ['is a wall where slots were refused', { refused: 4, achievedPerSecond: 90 }, 'wall'],
    ['is no wall for two refusals of many', { refused: 2 }, 'good'],
    ['is broken where most failed otherwise', { broken: 300, achievedPerSecond: 20 }, 'broken'],
    ['is down where one connect proved it', { outage: OUTAGE, broken: 1 }, 'down'],
    ['is down where slots were refused, too', { outage: OUTAGE, broken: 1, refused: 40 }, 'down'],
    ['is down where most failed, and some were served', { outage: OUTAGE, broken: 300 }, 'down'],
    [
      'is broken where it was down throughout',
      { outage: OUTAGE, broken: 300, served: false },
      'broken',
    ],
    ['is down where many were cut off at its end', { broken: 300, isBrokenAtEnd: true }, 'down'],
    [
      'is broken where none was served up to its end',
      { broken: 300, isBrokenAtEnd: true, served: false },
      'broken',
    ],
    ['is bad where the kill switch ended it, whatever was achieved', { endedBy: 'slow' }, 'bad'],
    ['is broken where the target was no faster later', { endedBy: 'a', gone: 'b' }, 'broken'],
    ['is a taste all the same where it was ended', { endedBy: 'a', role: 'taste' }, 'good'],
    ['is invalid without descriptors', { reasons: [reason('OUT_OF_DESCRIPTORS')] }, 'invalid'],
    [
      'is invalid where attempts began in arrears',
      { lateness: summary(100_000), reasons: [reason('LATE_GENERATOR')] },
      'invalid',
    ],
    [
      'stands where lateness spoils latencies alone',
      { lateness: summary(5000), reasons: [reason('LATE_GENERATOR')] },
      'good',
    ],
    [
      'is invalid where connstorm took the CPU',
      { achievedPerSecond: 90, inFlight: GROWING, ownCpuShare: 0.8 },
      'invalid',
    ],
    ['is good whatever CPU connstorm took, where it was sustained', { ownCpuShare: 0.8 }, 'good'],
  ])('%s', (_, changes, verdict) => {
    const judged = judgeStep({ ...SUSTAINED, ...changes });
    expect(judged.verdict).toBe(verdict);
    expect(judged.because).not.toBe('');
  });
});
