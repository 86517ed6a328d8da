import { describe, expect, it } from 'vitest';
import { ReconnectStorms } from '../../src/model/reconnects.ts';
import { createRandom } from '../../src/scenario/plan/random.ts';

/** Sessions as [cut, back] in milliseconds; storms as [first cut, last back, cut]. */
function group(sessions: readonly [number, number][]): [number, number, number][] {
  const storms = new ReconnectStorms();
  for (const [cut, back] of sessions) storms.addSession(cut * 1000, back * 1000, 'back');
  return storms.list().map(({ firstCutUs, endUs, cut }) => [firstCutUs / 1000, endUs / 1000, cut]);
}

describe('sessions are cut together', () => {
  it.each<[string, [number, number][], [number, number, number][]]>([
    [
      'where one is cut while another is away',
      [
        [0, 5000],
        [4000, 6000],
      ],
      [[0, 6000, 2]],
    ],
    [
      'where they are at most 1 s apart',
      [
        [0, 5],
        [1000, 1005],
      ],
      [[0, 1005, 2]],
    ],
    [
      'and not where they are further apart',
      [
        [0, 5],
        [1001, 1005],
      ],
      [
        [0, 5, 1],
        [1001, 1005, 1],
      ],
    ],
    [
      'also by way of a third',
      [
        [0, 5],
        [1900, 1905],
        [950, 955],
      ],
      [[0, 1905, 3]],
    ],
    [
      'whatever a late one joins',
      [
        [0, 5],
        [3000, 3005],
        [900, 3000],
      ],
      [[0, 3005, 3]],
    ],
  ])('%s', (_, sessions, storms) => {
    expect(group(sessions)).toEqual(storms);
  });

  it('alike in any order, and merged interval by interval', () => {
    const random = createRandom(7);
    const sessions = Array.from({ length: 300 }, (): [number, number] => {
      const cut = Math.floor(random() * 400_000);
      return [cut, cut + Math.floor(random() * 2_000)];
    });
    const all = group(sessions);
    expect(all.length).toBeGreaterThan(3);
    const shuffled = sessions.map((it) => [random(), it] as const).sort((a, b) => a[0] - b[0]);
    expect(group(shuffled.map(([, it]) => it))).toEqual(all);
    const merged = new ReconnectStorms();
    for (let at = 0; at < sessions.length; at += 37) {
      const part = new ReconnectStorms();
      for (const [cut, back] of sessions.slice(at, at + 37)) {
        part.addSession(cut * 1000, back * 1000, 'back');
      }
      for (const storm of part.list()) merged.add(storm);
    }
    const found = merged
      .list()
      .map(({ firstCutUs, endUs, cut }) => [firstCutUs / 1000, endUs / 1000, cut]);
    expect(found).toEqual(all);
  });
});
