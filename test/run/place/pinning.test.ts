import { describe, expect, it } from 'vitest';
import { parseCpuList } from '../../../src/probes/proc/cpus.ts';
import {
  checkFieldCpus,
  checkPins,
  type PinningGround,
  type Pins,
  parsePins,
} from '../../../src/run/place/pinning.ts';

it.each([
  ['0', [0]],
  ['0,2-4', [0, 2, 3, 4]],
  ['3-2', []],
  ['', []],
  ['a', []],
  ['1,', []],
])('the CPU list %j is %j', (text, cpus) => {
  expect(parseCpuList(text)).toEqual(cpus);
});

describe('parsePins', () => {
  it.each<[string[], Pins]>([
    [[], {}],
    [['generator=0', 'server=1'], { generator: '0', server: '1' }],
    [['generator=0 server=1-3,5'], { generator: '0', server: '1-3,5' }],
  ])('reads %j', (texts, pins) => {
    expect(parsePins(texts)).toEqual(pins);
  });

  it.each([
    [['steady'], 'got "steady" (a scenario\'s name goes before --pin)'],
    [['generator'], 'got "generator"'],
    [['generator='], 'got "generator="'],
    [['client=0'], 'got "client=0"'],
    [['server=x'], 'got "server=x"'],
    [['server=0', 'server=1'], 'names server twice'],
  ])('refuses %j', (texts, why) => {
    expect(() => parsePins(texts)).toThrow(why);
  });
});

describe('checkPins', () => {
  const ground: PinningGround = { allowedCpus: [0, 1, 2], hasTaskset: true, hasLab: true };
  const both = { generator: '0', server: '1-2' };

  it.each<[Pins, Partial<PinningGround>]>([
    [both, {}],
    [{ generator: '0-2' }, { hasLab: false }],
    [{ server: '2' }, {}],
  ])('lets %j pass', (pins, over) => {
    expect(() => checkPins(pins, { ...ground, ...over })).not.toThrow();
  });

  it.each<[string, Pins, Partial<PinningGround>, string]>([
    ['on one CPU', both, { allowedCpus: [0] }, 'needs at least two CPUs'],
    ['without taskset', both, { hasTaskset: false }, 'needs taskset'],
    ['off Linux', both, { allowedCpus: undefined }, 'works only on Linux'],
    ['a server that is not the lab', both, { hasLab: false }, 'server= is only for the lab'],
    ['unknown CPUs', { generator: '0-3' }, {}, 'names CPU 3, which this process may not use'],
    ['the same CPU for both', { generator: '0-1', server: '1' }, {}, 'gives CPU 1 to both'],
  ])('refuses %s', (_, pins, over, why) => {
    expect(() => checkPins(pins, { ...ground, ...over })).toThrow(why);
  });
});

describe('checkFieldCpus', () => {
  const ground: PinningGround = { allowedCpus: [0, 1], hasTaskset: true, hasLab: true };
  const field = 'lab.replicaCpus[0]';

  it('lets CPUs pass that are there and are not those of connstorm', () => {
    expect(() => checkFieldCpus([{ field, cpus: '1' }], { generator: '0' }, ground)).not.toThrow();
  });

  it.each<[string, string, Pins, Partial<PinningGround>, string]>([
    ['unknown CPUs', '2', {}, {}, `${field} names CPU 2, which this process may not use`],
    ['no taskset', '1', {}, { hasTaskset: false }, `${field} needs taskset, from the package`],
    ['no list', '1-0', {}, {}, `${field} must be a list of CPUs such as 0 or 2-3, got 1-0`],
    [
      'the CPU of connstorm',
      '0-1',
      { generator: '1' },
      {},
      `${field} gives CPU 1 to a server, and`,
    ],
  ])('refuses %s by the name of the field', (_, cpus, pins, over, why) => {
    expect(() => checkFieldCpus([{ field, cpus }], pins, { ...ground, ...over })).toThrow(why);
  });
});
