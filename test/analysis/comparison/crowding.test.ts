import { describe, expect, it } from 'vitest';
import { describeCrowding, findCrowding } from '../../../src/analysis/comparison/crowding.ts';
import { CrowdMeter } from '../../../src/metrics/crowd-meter.ts';
import type { CrowdRecord } from '../../../src/model/crowd.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';
import { latenessAt } from '../../support/virtual/lateness.ts';
import { createNormal } from '../../support/virtual/normal.ts';

interface Storm {
  ratePerSecond: number;
  arrivals: number;
  /** Median of the log-normal service time. */
  serviceUs: number;
  /** When an arrival is begun; never before it is due. */
  startAt: (dueUs: number) => number;
}

/** A storm at random moments, as one worker would start it: never one attempt before the one that was due earlier. */
function storm(
  random: () => number,
  { ratePerSecond, arrivals, serviceUs, startAt }: Storm,
): CrowdRecord {
  const normal = createNormal(random);
  const crowds = new CrowdMeter();
  let dueUs = 0;
  let startUs = 0;
  for (let i = 0; i < arrivals; i++) {
    dueUs += Math.round((-Math.log(1 - random()) * 1e6) / ratePerSecond);
    startUs = Math.max(startUs, startAt(dueUs));
    crowds.noteBegun(dueUs, startUs);
    crowds.noteEnded(dueUs, startUs, startUs + Math.round(serviceUs * Math.exp(0.5 * normal())));
  }
  return crowds.take(Number.POSITIVE_INFINITY) ?? { due: [], begun: [] };
}

/** Held up for `holdUs` at the end of every `everyUs`: what is due then begins when that is over. */
const held = (everyUs: number, holdUs: number) => (dueUs: number) => {
  const within = dueUs % everyUs;
  return within < everyUs - holdUs ? dueUs : dueUs - within + everyUs;
};

describe('starts that bunch up', () => {
  it.each([
    [30, 6700],
    [30, 1900],
    [150, 6700],
    [150, 1900],
  ])(
    'are not made of the lateness of a machine that is not busy: %i/s of %i us each',
    (ratePerSecond, serviceUs) => {
      const random = createRandom(ratePerSecond);
      const arrivals = 40 * ratePerSecond;
      let found = 0;
      for (let run = 0; run < 200; run++) {
        const startAt = (dueUs: number) => dueUs + latenessAt(random());
        const crowds = storm(random, {
          ratePerSecond,
          arrivals: Math.min(arrivals, 4000),
          serviceUs,
          startAt,
        });
        if (findCrowding(crowds, 'p(99)') !== undefined) found++;
      }
      expect(found).toBeLessThanOrEqual(4);
    },
  );

  it.each([
    [
      '30/s, held up for 0.2 s of each second',
      30,
      held(1_000_000, 200_000),
      { others: 2, share: 152 / 1200, dueShare: 0 },
    ],
    [
      '30/s, held up for half a second every five',
      30,
      held(5_000_000, 500_000),
      { others: 2, share: 99 / 1200, dueShare: 0 },
    ],
    [
      '200/s, held up for 50 ms of each half second',
      200,
      held(500_000, 50_000),
      { others: 4, share: 491 / 8000, dueShare: 39 / 8000 },
    ],
    [
      '200/s, begun in batches every 40 ms',
      200,
      held(40_000, 40_000),
      { others: 4, share: 3161 / 8000, dueShare: 39 / 8000 },
    ],
  ])('are seen at p99: %s', (_, ratePerSecond, startAt, found) => {
    const crowds = storm(createRandom(5), {
      ratePerSecond,
      arrivals: 40 * ratePerSecond,
      serviceUs: 5000,
      startAt,
    });
    expect(findCrowding(crowds, 'p(99)')).toEqual(found);
  });

  it('do not matter where that many are in flight anyway', () => {
    const slow = { ratePerSecond: 200, arrivals: 8000, serviceUs: 2_000_000 };
    const crowds = storm(createRandom(6), { ...slow, startAt: held(500_000, 20_000) });
    expect(findCrowding(crowds, 'p(99)')).toBeUndefined();
  });

  it('are not those that were due together', () => {
    const batches = (dueUs: number) => Math.ceil(dueUs / 50_000) * 50_000;
    const crowds = new CrowdMeter();
    for (let i = 0; i < 1000; i++) {
      const dueUs = batches(i * 5000);
      crowds.noteBegun(dueUs, dueUs + 900);
      crowds.noteEnded(dueUs, dueUs + 900, dueUs + 9000);
    }
    const record = crowds.take(Number.POSITIVE_INFINITY) ?? { due: [], begun: [] };
    expect(findCrowding(record, 'p(99)')).toBeUndefined();
  });

  it('count by the quantile that is judged: a rare bunch makes another p99, and no other median', () => {
    const due: CrowdRecord['due'] = [
      [0, 960],
      [1, 40],
    ];
    const begun: CrowdRecord['begun'] = [
      [0, 930],
      [1, 40],
      [6, 30],
    ];
    expect(findCrowding({ due, begun }, 'p(50)')).toBeUndefined();
    expect(findCrowding({ due, begun }, 'p(99)')).toEqual({ others: 1, share: 0.03, dueShare: 0 });
    expect(findCrowding({ due, begun }, 'max')).toEqual({ others: 1, share: 0.03, dueShare: 0 });
  });

  it('are too few to say anything below five', () => {
    const due: CrowdRecord['due'] = [[0, 75]];
    expect(
      findCrowding(
        {
          due,
          begun: [
            [0, 71],
            [1, 4],
          ],
        },
        'p(99)',
      ),
    ).toBeUndefined();
    expect(
      findCrowding(
        {
          due,
          begun: [
            [0, 70],
            [1, 5],
          ],
        },
        'p(99)',
      ),
    ).toEqual({ others: 0, share: 5 / 75, dueShare: 0 });
    expect(findCrowding({ due: [], begun: [] }, 'p(99)')).toBeUndefined();
  });

  it('are told of with both shares', () => {
    expect(describeCrowding({ others: 2, share: 0.123, dueShare: 0.004 })).toBe(
      'because connstorm was late, 12.3% of the attempts began with more than 2 others in flight, instead of 0.4%',
    );
    expect(describeCrowding({ others: 0, share: 0.5, dueShare: 0 })).toContain(
      'with others in flight',
    );
  });
});
