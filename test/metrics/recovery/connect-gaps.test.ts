import { describe, expect, it } from 'vitest';
import { GapLog } from '../../../src/analysis/recovery/gap-log.ts';
import { ConnectGaps } from '../../../src/metrics/recovery/connect-gaps.ts';
import { type ConnectGap, keepOutstanding, lengthOf } from '../../../src/model/recovery.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';

const SECOND_US = 1_000_000;

/** A moment of a good connect, and when the coordinator reads it. */
interface Read {
  okUs: number;
  readUs: number;
}

/** Records the moments in the order in which they are read; an interval is closed 0.25 s after its end. */
function record(
  reads: readonly Read[],
  endUs: number,
  { splits = true }: { splits?: boolean } = {},
): GapLog {
  const gaps = new ConnectGaps();
  const log = new GapLog();
  const take = (beforeUs: number): void => {
    const taken = gaps.take(beforeUs);
    log.add(splits ? taken : { gaps: taken.gaps });
  };
  const inOrder = [...reads].sort((a, b) => a.readUs - b.readUs);
  let closedUs = 0;
  const closeUntil = (readUs: number): void => {
    while (closedUs + SECOND_US + 250_000 <= readUs) {
      closedUs += SECOND_US;
      take(closedUs);
    }
  };
  for (const { okUs, readUs } of inOrder) {
    closeUntil(readUs);
    gaps.noteOk(okUs);
  }
  closeUntil(endUs + 2 * SECOND_US);
  take(Number.POSITIVE_INFINITY);
  return log;
}

function measureLongest(log: GapLog): number {
  const longest = log.findLongest(() => true);
  return longest === undefined ? 0 : lengthOf(longest);
}

/** Looks at every gap. */
function findByForce(
  oks: readonly number[],
  { fromUs, toUs }: { fromUs: number; toUs: number },
): number {
  const sorted = [...oks].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((us, i): ConnectGap => [sorted[i] ?? 0, us]);
  const touching = gaps.filter((gap) => gap[0] < toUs && gap[1] > fromUs);
  return Math.max(0, ...touching.map(lengthOf));
}

/** Bursts, lulls and outages, from several workers that are read up to `lateUs` after their connects. */
function draw(seed: number, lateUs: number): { reads: Read[]; endUs: number } {
  const random = createRandom(seed);
  const reads: Read[] = [];
  const endUs = Math.ceil(2 + random() * 8) * SECOND_US;
  let okUs = Math.floor(random() * SECOND_US);
  while (okUs < endUs) {
    reads.push({ okUs, readUs: okUs + Math.floor(random() * lateUs) });
    const kind = random();
    const most = kind < 0.01 ? 3 * SECOND_US : kind < 0.1 ? 200_000 : kind < 0.3 ? 2 : 8_000;
    okUs += Math.floor(random() * most);
  }
  return { reads, endUs };
}

describe('the longest gap between good connects', () => {
  it('is that of a search by force, for any time as long as an interval, in whatever order they are read', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { reads, endUs } = draw(seed, 250_000);
      const log = record(reads, endUs);
      const oks = reads.map(({ okUs }) => okUs);
      const random = createRandom(seed + 1_000);
      for (let i = 0; i < 20; i++) {
        const fromUs = Math.floor(random() * endUs);
        const toUs = fromUs + SECOND_US + Math.floor(random() * 3 * SECOND_US);
        const found = log.findLongest((gap) => gap[0] < toUs && gap[1] > fromUs);
        const us = found === undefined ? 0 : lengthOf(found);
        expect(us, `seed ${seed}, ${fromUs} to ${toUs}`).toBe(findByForce(oks, { fromUs, toUs }));
      }
    }
  });

  it('is never longer than the true one, even if connects are read seconds too late', () => {
    let wouldBeLonger = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const { reads, endUs } = draw(seed, 2 * SECOND_US);
      const oks = reads.map(({ okUs }) => okUs);
      const trueUs = findByForce(oks, { fromUs: 0, toUs: Number.POSITIVE_INFINITY });
      expect(measureLongest(record(reads, endUs)), `seed ${seed}`).toBeLessThanOrEqual(trueUs);
      if (measureLongest(record(reads, endUs, { splits: false })) > trueUs) wouldBeLonger++;
    }
    // Late reads do matter here, so the bound was put to the test.
    expect(wouldBeLonger).toBeGreaterThan(0);
  });

  it('is found although few gaps are kept', () => {
    const random = createRandom(7);
    let atUs = 0;
    const gaps = Array.from({ length: 1_000 }, (): ConnectGap => {
      const fromUs = atUs;
      atUs += 1 + Math.floor(random() * 2_000);
      return [fromUs, atUs];
    });
    const kept = keepOutstanding(gaps);
    expect(kept.length).toBeLessThan(40);
    expect(kept.at(-1)).toEqual(gaps.at(-1));
    expect(kept[0]).toEqual(gaps[0]);
  });

  it('splits where one was read too late', () => {
    const log = new GapLog();
    log.add({ gaps: [[0, 10]] });
    log.add({ gaps: [[10, 12]], lateUs: [4] });
    expect(log.findLongest(() => true)).toEqual([4, 10]);
  });
});
