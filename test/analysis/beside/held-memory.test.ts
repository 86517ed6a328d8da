import { describe, expect, it } from 'vitest';
import { measureHeldMemory } from '../../../src/analysis/beside/held-memory.ts';
import type { OpeningRecord } from '../../../src/result/records/background.ts';

const MB = 1024 ** 2;

/** An opening that took `mb` of memory for each connection; an array: for each of those of one hundred after another. */
function open(opened: number, mb: number | number[]): OpeningRecord {
  const memory = [{ opened: 0, freeBytes: 8000 * MB }];
  for (let at = 100; at <= opened; at += 100) {
    const each = typeof mb === 'number' ? mb : (mb[at / 100 - 1] ?? 0);
    memory.push({ opened: at, freeBytes: (memory.at(-1)?.freeBytes ?? 0) - 100 * each * MB });
  }
  return { asked: opened, opened, elapsedUs: 1, memory };
}

describe('the memory of each held connection', () => {
  it.each([100, 200, 300, 400, 700, 2000])('is exact if it is the same for all %i', (opened) => {
    expect(measureHeldMemory([open(opened, 2)])).toEqual({
      lowBytes: 2 * MB,
      highBytes: 2 * MB,
      connections: opened,
    });
  });

  it('is a range if one quarter took more than another', () => {
    expect(measureHeldMemory([open(400, [2, 3, 1, 2])])).toEqual({
      lowBytes: MB,
      highBytes: 3 * MB,
      connections: 400,
    });
  });

  it('has quarters of equal size', () => {
    const eight = [4, 0, 2, 2, 2, 2, 2, 2];
    expect(measureHeldMemory([open(800, eight)])).toMatchObject({
      lowBytes: 2 * MB,
      highBytes: 2 * MB,
    });
  });

  it('is that of all rounds', () => {
    expect(measureHeldMemory([open(100, 2), open(100, 3)])).toEqual({
      lowBytes: 2 * MB,
      highBytes: 3 * MB,
      connections: 200,
    });
  });

  it('is at least 0, if other programs gave memory back', () => {
    expect(measureHeldMemory([open(200, [-1, 2])])).toMatchObject({ lowBytes: 0 });
  });

  it('is not known of fewer than 100 connections, and on a host that is not seen', () => {
    const looks = [
      { opened: 0, freeBytes: 100 * MB },
      { opened: 99, freeBytes: 2 * MB },
    ];
    const few = { asked: 99, opened: 99, elapsedUs: 1, memory: looks };
    expect(measureHeldMemory([few])).toBeUndefined();
    expect(measureHeldMemory([{ asked: 500, opened: 500, elapsedUs: 1 }])).toBeUndefined();
    expect(measureHeldMemory([])).toBeUndefined();
  });
});
