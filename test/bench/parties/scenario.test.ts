import { expect, it } from 'vitest';
import { findRefused } from './connstorm.js';
import { createScenario } from './scenario.js';

it('an older build is asked for nothing but what the load needs', () => {
  const { set, dispensable } = createScenario({ url: '', ratePerSecond: 40 });
  expect(dispensable).toEqual(['connection.serverTimes', 'killSwitch']);
  for (const path of dispensable) expect(set[path]).toBe(false);
});

it.each([
  [
    'connstorm: --set connection.serverTimes=false: connection: unknown field `serverTimes`; known: driver, queries',
    ['connection.serverTimes'],
  ],
  [
    'connstorm: --set killSwitch=false: unknown field `killSwitch`\n--set connection.serverTimes=false: connection: unknown field `serverTimes`',
    ['connection.serverTimes', 'killSwitch'],
  ],
  ['connstorm: --set load.rate=4: load: unknown field `rate`', []],
  ['127.0.0.1:1: connection refused', []],
])('finds what a build does not know in %j', (message, expected) => {
  const { dispensable } = createScenario({ url: '', clients: 8 });
  expect(findRefused(message, dispensable)).toEqual(expected);
});
