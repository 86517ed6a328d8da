import { describe, expect, it } from 'vitest';
import { findFloodWarning } from '../../../src/scenario/plan/flood-warning.ts';
import { planRun } from '../../../src/scenario/plan/plan.ts';
import { parseScenario } from '../../support/synthetic/parse-scenario.ts';

const STEADY = 'load: { executor: constant-arrival-rate, rate: 150, duration: 10s }';
const HERD = 'load: { executor: burst, clients: 1000 }';
const CLIENTS = 'load: { executor: constant-clients, clients: 20, duration: 10s }';

function warn(load: string, retry: string): string | undefined {
  const text = `shows: a\n${load}\nretry: { timeout: 5s, ${retry} }`;
  return findFloodWarning(planRun(parseScenario(text, 'x.yaml')));
}

describe('retries that a server could not slow down', () => {
  it.each([
    [
      STEADY,
      'policy: immediate',
      'does not wait before the next attempt',
      '150 arrivals/s make up to 1500 attempts/s,',
    ],
    [
      STEADY,
      'policy: fixed, base: 0s',
      'does not wait before the next attempt',
      '150 arrivals/s make up to 1500 attempts/s,',
    ],
    [
      STEADY,
      'policy: exponential, base: 9ms',
      'waits only 9 ms before the next attempt',
      '150 arrivals/s make up to 1500 attempts/s',
    ],
    [
      STEADY,
      'policy: full-jitter, base: 10ms',
      'waits only 5 ms before the next attempt',
      '150 arrivals/s make up to 1500 attempts/s',
    ],
    [
      HERD,
      'policy: immediate, maxAttempts: 7',
      'does not wait before the next attempt',
      'each client of the herd tries 7 times',
    ],
    [
      CLIENTS,
      'policy: immediate',
      'does not wait before the next attempt',
      'each of 20 clients tries 10 times',
    ],
    [
      'load:\n  a: { executor: constant-arrival-rate, rate: 5, duration: 1s }\n' +
        '  b: { executor: constant-clients, clients: 3, duration: 1s }',
      'policy: immediate',
      'does not wait before the next attempt',
      '5 arrivals/s make up to 50 attempts/s and each of 3 clients tries 10 times',
    ],
  ])('are told of before the run: %s with %s', (load, retry, wait, amount) => {
    const text = warn(load, retry);
    expect(text).toContain(wait);
    expect(text).toContain(amount);
  });

  it.each([
    'policy: none',
    'policy: fixed',
    'policy: exponential, base: 10ms',
    'policy: full-jitter, base: 20ms',
  ])('are not those of %s', (retry) => {
    expect(warn(STEADY, retry)).toBeUndefined();
  });

  it('are none where nobody tries again', () => {
    expect(
      findFloodWarning(planRun(parseScenario(`shows: a\n${STEADY}`, 'x.yaml'))),
    ).toBeUndefined();
  });
});
