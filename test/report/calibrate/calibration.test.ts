import { expect, it } from 'vitest';
import { renderCalibration } from '../../../src/report/calibrate/calibration.ts';
import type { Calibration } from '../../../src/result/records/calibration.ts';
import { makeHeader } from '../../support/synthetic/synthetic-run.ts';

const figure = (p50Us: number, p99Us: number) => ({ count: 1000, p50Us, p99Us });

const CALIBRATION: Calibration = {
  type: 'calibration',
  version: 1,
  connstorm: '0.1.0',
  environment: makeHeader().environment,
  floor: {
    ratePerSecond: 200,
    serviceTime: figure(200, 900),
    lateness: figure(500, 1100),
    latency: figure(720, 1700),
  },
  ceilings: [
    {
      workers: 1,
      sustainedPerSecond: 5500,
      failedPerSecond: 7500,
      cpuPerConnectUs: 91,
      lateness: figure(300, 1500),
      failedBecause: ['connstorm started attempts late'],
      tries: [],
    },
    {
      workers: 2,
      sustainedPerSecond: null,
      failedPerSecond: 500,
      cpuPerConnectUs: null,
      lateness: null,
      failedBecause: [],
      tries: [],
    },
  ],
  highestPerSecond: 5500,
  complete: true,
  elapsedS: 31.4,
};

const render = (over: Partial<Calibration> = {}): string =>
  renderCalibration({ ...CALIBRATION, ...over }, { columns: 400, colour: false });

it('shows the floor, each number of workers, and what can be trusted', () => {
  const text = render();
  expect(text).toContain('smallest times (1,000 connects at 200/s, one worker):\n');
  expect(text).toContain('service time p50 200 µs, p99 900 µs');
  expect(text).toContain(
    '1 worker: sustained 5,500/s, but not 7,500/s; 91 µs of CPU per connect, lateness p99 1.50 ms\nat the higher rate: connstorm started',
  );
  expect(text).toContain('2 workers: sustained none of the rates that were tried, not even 500/s');
  expect(text).toContain('highest rate to trust on this machine: 5,500/s');
  expect(text).toContain('smallest latency that shows a server: p50 720 µs, p99 1.70 ms');
  expect(text).toContain('this server runs on the same machine as connstorm');
  expect(text).toContain('took 31.4 s');
});

it.each<[string, Partial<Calibration>, string]>([
  [
    'nothing was sustained',
    { highestPerSecond: null },
    'no rate can be trusted on this machine at present',
  ],
  ['nothing succeeded', { floor: null }, 'smallest times: unknown, because no connect succeeded'],
  ['it was ended early', { complete: false }, 'ended after 31.4 s, before every number'],
])('says so where %s', (_, over, expected) => {
  expect(render(over)).toContain(expected);
});
