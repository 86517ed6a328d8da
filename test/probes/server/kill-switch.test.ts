import { describe, expect, it } from 'vitest';
import { KillSwitch } from '../../../src/probes/server/kill-switch.ts';
import { Slowness } from '../../../src/probes/server/slowness.ts';

const MS = 1000;
const LIMITS = { canaryUs: 2000 * MS, witnessUs: 5000 * MS };

function watch() {
  const told: string[] = [];
  const killSwitch = new KillSwitch({
    limits: LIMITS,
    onSlow: (reason) => told.push(reason),
    onBack: () => told.push('back'),
  });
  return { killSwitch, told };
}

describe('slowness', () => {
  it.each<[string, number[], number | undefined, boolean]>([
    ['two in a row', [2001, 2001], undefined, false],
    ['three in a row', [2001, 2001, 2001], undefined, true],
    ['one in time in between', [2001, 2001, 1999, 2001], undefined, false],
    ['exactly the limit', [2000, 2000, 2000], undefined, false],
    ['one that waits beside two', [2001, 2001], 2001, true],
    ['one that waits for three limits', [], 6000, true],
    ['one that waits for nearly three limits', [], 5999, false],
    ['one that took three limits', [6000], undefined, true],
  ])('%s: dead %#', (_, ended, waiting, isDead) => {
    const slowness = new Slowness(2000);
    for (const us of ended) slowness.noteEnd(us);
    expect(slowness.isDead(waiting)).toBe(isDead);
  });
});

describe('the kill switch', () => {
  it('counts a canary as dead that is slower than its limit three times in a row, once', () => {
    const { killSwitch, told } = watch();
    killSwitch.noteCanary([2100 * MS, 2200 * MS], undefined);
    expect(told).toEqual([]);
    killSwitch.noteCanary([2300 * MS], undefined);
    killSwitch.noteCanary([2400 * MS], undefined);
    expect(told).toEqual([
      'the canary waited for answers longer than 2 s, 3 times in a row, up to 2.30 s (killSwitch.canary)',
    ]);
  });

  it('counts one that waits, and says when it is back', () => {
    const { killSwitch, told } = watch();
    killSwitch.noteCanary([], 5900 * MS);
    expect(told).toEqual([]);
    killSwitch.noteCanary([], 6100 * MS);
    killSwitch.noteCanary([6500 * MS], undefined);
    expect(told).toHaveLength(1);
    killSwitch.noteCanary([3 * MS], undefined);
    expect(told.at(-1)).toBe('back');
  });

  it.each<[string, number[], number | undefined, string]>([
    [
      'one that goes on',
      [],
      6440,
      'the canary has had no answer for 6.44 s, at least 3 times its limit of 2 s',
    ],
    [
      'one that has ended',
      [6440],
      undefined,
      'the canary waited for an answer for 6.44 s, at least 3 times its limit of 2 s',
    ],
    [
      'two, of which one is long',
      [2500],
      4100,
      'the canary waited for answers longer than 2 s, 2 times in a row, up to 4.10 s: 6.60 s in all, at least 3 times the limit',
    ],
    [
      'two that are short, and one that goes on',
      [2100, 2200],
      2300,
      'the canary waited for answers longer than 2 s, 3 times in a row, up to 2.30 s',
    ],
    [
      'one in time before it',
      [2500, 3, 6100],
      undefined,
      'the canary waited for an answer for 6.10 s, at least 3 times its limit of 2 s',
    ],
  ])('tells waits as they were seen: %s', (_, answersMs, waitingMs, expected) => {
    const { killSwitch, told } = watch();
    killSwitch.noteCanary(
      answersMs.map((ms) => ms * MS),
      waitingMs === undefined ? undefined : waitingMs * MS,
    );
    expect(told).toEqual([`${expected} (killSwitch.canary)`]);
  });

  it('has another limit for the witness', () => {
    const { killSwitch, told } = watch();
    for (let i = 0; i < 3; i++) killSwitch.noteWitness(4000 * MS);
    killSwitch.noteWitnessWaits(14_000 * MS);
    expect(told).toEqual([]);
    killSwitch.noteWitnessWaits(15_000 * MS);
    expect(told).toEqual([
      'a new connection beside the storm has not been ready for 15.0 s, at least 3 times its limit of 5 s (killSwitch.witness)',
    ]);
  });

  it('is back when both are', () => {
    const { killSwitch, told } = watch();
    killSwitch.noteCanary([], 6000 * MS);
    killSwitch.noteWitnessWaits(15_000 * MS);
    killSwitch.noteCanary([1 * MS], undefined);
    expect(told).toHaveLength(1);
    killSwitch.noteWitness(1 * MS);
    // The one that has ended waits no more.
    expect(told.at(-1)).toBe('back');
  });

  it('accounts for the answers since the last account, and for the one that waits', () => {
    const { killSwitch } = watch();
    killSwitch.noteCanary([10 * MS, 30 * MS], 5 * MS);
    expect(killSwitch.takeCanary()).toEqual({
      answered: 2,
      meanUs: 20 * MS,
      maxUs: 30 * MS,
      waitingUs: 5 * MS,
    });
    killSwitch.noteCanary([], undefined);
    expect(killSwitch.takeCanary()).toEqual({ answered: 0, meanUs: null, maxUs: null });
  });
});
