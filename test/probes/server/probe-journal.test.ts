import { expect, it } from 'vitest';
import { ProbeJournal, type ProbeReport } from '../../../src/probes/server/probe-journal.ts';

function keepJournal() {
  const told: ProbeReport[] = [];
  const clock = { us: 0 };
  const journal = new ProbeJournal(
    (report) => told.push(report),
    () => clock.us,
  );
  const at = (us: number, act: () => void): void => {
    clock.us = us;
    act();
  };
  return { told, journal, at };
}

it('gives each sample the time since the one before, of the same probe', () => {
  const { told, journal, at } = keepJournal();
  at(100, () => journal.turnedOn('host'));
  at(150, () => journal.turnedOn('canary'));
  at(400, () => journal.saw({ probe: 'host', reapedUs: 7 }));
  at(500, () => journal.saw({ probe: 'canary', answersUs: [3] }));
  at(700, () => journal.saw({ probe: 'host' }));
  expect(told.filter(({ type }) => type === 'sample')).toEqual([
    { type: 'sample', probe: 'host', atUs: 400, elapsedUs: 300, reapedUs: 7 },
    { type: 'sample', probe: 'canary', atUs: 500, elapsedUs: 350, answersUs: [3] },
    { type: 'sample', probe: 'host', atUs: 700, elapsedUs: 300 },
  ]);
});

it('says nothing of the time in which a probe was lost', () => {
  const { told, journal, at } = keepJournal();
  at(0, () => journal.turnedOn('host'));
  at(300, () => journal.saw({ probe: 'host' }));
  at(600, () => journal.lost('host', 'gone'));
  at(5000, () => journal.cameBack('host', 'there'));
  at(5300, () => journal.saw({ probe: 'host' }));
  expect(told).toEqual([
    { type: 'probe', atUs: 0, probe: 'host', state: 'on' },
    { type: 'sample', probe: 'host', atUs: 300, elapsedUs: 300 },
    { type: 'probe', atUs: 600, probe: 'host', state: 'lost', reason: 'gone' },
    { type: 'probe', atUs: 5000, probe: 'host', state: 'back', reason: 'there' },
    { type: 'sample', probe: 'host', atUs: 5300, elapsedUs: 300 },
  ]);
});
