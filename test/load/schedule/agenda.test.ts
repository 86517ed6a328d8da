import { describe, expect, it } from 'vitest';
import { Agenda } from '../../../src/load/schedule/agenda.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';

function takeAll<T>(agenda: Agenda<T>): T[] {
  return Array.from({ length: agenda.size }, () => agenda.take() as T);
}

describe('an agenda', () => {
  it('gives the earliest first, equal ones in the order they came', () => {
    const random = createRandom(3);
    const items = Array.from({ length: 2_000 }, (_, order) => ({
      atUs: Math.floor(random() * 300),
      order,
    }));
    const agenda = new Agenda<(typeof items)[number]>();
    for (const item of items) agenda.add(item.atUs, item);
    const sorted = [...items].sort((a, b) => a.atUs - b.atUs || a.order - b.order);
    expect(takeAll(agenda)).toEqual(sorted);
  });

  it('stays in order while things come and go', () => {
    const random = createRandom(4);
    const agenda = new Agenda<number>();
    let taken = 0;
    for (let i = 0; i < 5_000; i++) {
      if (random() < 0.6) {
        // Never before what was taken, as in a loop whose time goes on.
        const atUs = taken + Math.floor(random() * 100);
        agenda.add(atUs, atUs);
      } else if (agenda.size > 0) {
        const { nextUs } = agenda;
        expect(agenda.take()).toBe(nextUs);
        expect(nextUs).toBeGreaterThanOrEqual(taken);
        taken = nextUs;
      }
    }
  });

  it('says Infinity when it is empty', () => {
    const agenda = new Agenda<string>();
    expect([agenda.nextUs, agenda.take(), agenda.size]).toEqual([
      Number.POSITIVE_INFINITY,
      undefined,
      0,
    ]);
    agenda.add(5, 'a');
    expect(agenda.takeEntries()).toMatchObject([{ atUs: 5, item: 'a' }]);
    expect(agenda.size).toBe(0);
  });
});
