import { describe, expect, it } from 'vitest';
import { findKeySource, mergeScram } from '../../../src/analysis/validity/scram.ts';
import { Histogram } from '../../../src/model/histogram.ts';

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

  it('counts the salts of all legs where each login had one of its own, and the same ones once', () => {
    const leg = (salts: number, logins: number) => ({
      ...makeLeg(logins, 400, Array<number>(logins).fill(400)),
      salts,
    });
    expect(mergeScram([leg(216, 216), leg(216, 216)])?.salts).toBe(432);
    expect(mergeScram([leg(1, 50), leg(1, 60)])?.salts).toBe(1);
    expect(mergeScram([leg(3, 50), leg(2, 60)])?.salts).toBe(3);
    // One login in the last leg before the end.
    expect(mergeScram([leg(216, 216), leg(1, 1)])?.salts).toBe(217);
  });

  it('keeps what was abandoned where no derivation ended', () => {
    const none = { ...makeLeg(0, 0, []), abandoned: 7 };
    const { waits, ...merged } = mergeScram([none]) ?? {};
    expect(merged).toMatchObject({ derivations: 0, shortestUs: 0, meanUs: 0, abandoned: 7 });
    expect(waits?.count).toBe(0);
    expect(mergeScram([none, makeLeg(2, 300, [300, 300])])).toMatchObject({
      derivations: 2,
      shortestUs: 300,
      meanUs: 300,
    });
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
