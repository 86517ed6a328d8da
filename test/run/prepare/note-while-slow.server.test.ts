import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { noteWhileSlow } from '../../../src/run/prepare/note-while-slow.ts';
import { constantRate, runStorm } from '../../support/run-storm.ts';
import { startDuring } from '../../support/servers/known-server.ts';

it('tells once of work that takes longer than a second, and not of what is quicker', async () => {
  vi.useFakeTimers();
  const told: string[] = [];
  let finish = (_: number): void => {};
  const slow = noteWhileSlow(new Promise<number>((resolve) => (finish = resolve)), () =>
    told.push('slow'),
  );
  await expect(noteWhileSlow(Promise.resolve(7), () => told.push('quick'))).resolves.toBe(7);
  vi.advanceTimersByTime(999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(5000);
  expect(told).toEqual(['slow']);
  finish(3);
  await expect(slow).resolves.toBe(3);
});

it.each([
  ['on a terminal says that it is being logged in to', true],
  ['elsewhere says nothing', false],
])('a silent server %s', async (_, isTTY) => {
  const server = await startDuring(onTestFinished, { fault: { at: 'startup', how: 'silence' } });
  const notes: string[] = [];
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const observer = {
    note: (text: string) => notes.push(text),
    started: () => {},
    legStarted: () => {},
    interval: () => {},
    stepOpened: () => {},
    event: () => {},
    ended: () => {},
  };
  const storm = { load: constantRate(1, '1s'), connection: { timeout: '2500ms' } };
  await expect(runStorm(server.url, storm, { stderr, observer })).rejects.toThrow('2.5 s');
  const told = notes.filter((note) => /^logging in to 127\.0\.0\.1:\d+…$/.test(note));
  expect(told).toHaveLength(isTTY ? 1 : 0);
});
