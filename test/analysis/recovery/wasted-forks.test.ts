import { expect, it } from 'vitest';
import type { BriefInterval } from '../../../src/analysis/recovery/touched-intervals.ts';
import { countWastedForks, type QueueSample } from '../../../src/analysis/recovery/wasted-forks.ts';
import type { ErrorCount } from '../../../src/result/records/intervals.ts';
import type { DisturbanceCause } from '../../../src/result/records/recovery.ts';

const SECOND_US = 1_000_000;

const leftIn = (phase: ErrorCount['phase'], count: number): ErrorCount => ({
  ledger: 'attempt',
  layer: 'timeout',
  phase,
  code: 'TIMEOUT',
  message: 'no answer in time',
  normalised: 'no answer in time',
  count,
});

const interval: BriefInterval = {
  fromUs: 5 * SECOND_US,
  toUs: 6 * SECOND_US,
  ended: 20,
  ok: 3,
  abandoned: 0,
  cut: 0,
  reconnects: 0,
  peakInFlight: 9,
  errors: [leftIn('spawn', 12), leftIn('tcp', 5)],
};
const sample = (atS: number, depth: number, overflows = 0): QueueSample => ({
  atUs: atS * SECOND_US,
  depth,
  overflows,
});
const DRAINED = [sample(5.5, 14), sample(6.2, 0)];
const STALL: DisturbanceCause = { kind: 'event', event: 'stall', index: 0 };
const DIRECT = { cause: STALL, isPooled: false };

it('attempts that timed out in the phase spawn were forked for, once the queue is seen empty', () => {
  expect(countWastedForks([interval], DRAINED, DIRECT)).toEqual({ kind: 'counted', forks: 12 });
});

it.each([
  ['a pooler is in between', [interval], DRAINED, { ...DIRECT, isPooled: true }, 'a pooler'],
  [
    'the postmaster was replaced',
    [interval],
    DRAINED,
    { ...DIRECT, cause: { kind: 'event', event: 'restart', index: 0 } as const },
    'lost with it',
  ],
  ['the host is not seen', [interval], [], DIRECT, 'is not seen'],
  [
    'the depth of the queue is not known',
    [interval],
    [{ atUs: 6 * SECOND_US, depth: undefined, overflows: 0 }],
    DIRECT,
    'is not seen',
  ],
  ['the queue was full', [interval], [sample(5.5, 14, 3), sample(6.2, 0)], DIRECT, 'was full'],
  [
    'the queue was never empty',
    [interval],
    [sample(5.5, 0, 0), sample(6.2, 2)].slice(1),
    DIRECT,
    'empty',
  ],
  ['attempts were abandoned', [{ ...interval, abandoned: 1 }], DRAINED, DIRECT, 'abandons'],
] as const)('they are not measurable if %s', (_, intervals, samples, context, reason) => {
  expect(countWastedForks(intervals, samples, context)).toEqual({
    kind: 'not-measurable',
    reason: expect.stringContaining(reason),
  });
});
