import { describe, expect, it } from 'vitest';
import { findKeySource, mergeScram } from '../../src/analysis/scram.ts';
import { Histogram } from '../../src/metrics/histogram.ts';

function makeLeg(derivations: number, meanUs: number, waits?: number[]) {
  const leg = { derivations, salts: 1, cache: true, shortestUs: meanUs, meanUs };
  if (waits === undefined) return leg;
  const histogram = new Histogram();
  for (const us of waits) histogram.record(us);
  return { ...leg, waits: histogram.encode(), alone: histogram.encode() };
}

describe('mergeScram', () => {
  it('merges the waits of all legs into one distribution', () => {
    const merged = mergeScram([makeLeg(1, 400, [0, 400]), makeLeg(3, 200, [0, 200, 200])]);
    expect(merged).toMatchObject({ derivations: 4, salts: 1, shortestUs: 200, meanUs: 250 });
    expect(merged?.waits).toMatchObject({ count: 5, p50Us: 200, maxUs: 400 });
    expect(merged?.alone).toEqual(merged?.waits);
  });

  it('tells no waits where a file has none', () => {
    expect(mergeScram([makeLeg(1, 400)])).toEqual(makeLeg(1, 400));
  });

  it('is nothing without SCRAM', () => {
    expect(mergeScram([])).toBeUndefined();
  });
});

describe('findKeySource', () => {
  it.each([
    [{ driver: 'pg', scramCache: true }, 'pg'],
    [{ driver: 'wire', scramCache: true }, 'kept'],
    [{ driver: 'wire', scramCache: false }, 'derived'],
    [{}, 'kept'],
  ])('takes %j for %s', (connection, source) => {
    expect(findKeySource({ connection })).toBe(source);
  });
});
