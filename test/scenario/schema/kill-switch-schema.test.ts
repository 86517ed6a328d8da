import { expect, it } from 'vitest';
import { planWatch } from '../../../src/scenario/schema/kill-switch-schema.ts';
import { parseScenario } from '../../support/synthetic/parse-scenario.ts';

const DEFAULTS = { canaryUs: 2_000_000, witnessUs: 5_000_000 };

function plan(field: string, isOn = true) {
  const load = 'load: { executor: constant-arrival-rate, rate: 5, duration: 10s }';
  const { killSwitch } = parseScenario(`shows: a\n${load}\n${field}`, 'x.yaml');
  return planWatch(killSwitch, { isOn });
}

it.each([
  ['nothing, where it is on', '', true, DEFAULTS],
  ['nothing, where it is off', '', false, undefined],
  ['true', 'killSwitch: true', false, DEFAULTS],
  ['false', 'killSwitch: false', true, undefined],
  ['one limit', 'killSwitch: { canary: 300ms }', false, { ...DEFAULTS, canaryUs: 300_000 }],
  ['both', 'killSwitch: { canary: 1s, witness: 1m }', true, { canaryUs: 1e6, witnessUs: 6e7 }],
])('killSwitch: %s', (_, field, isOn, expected) => {
  expect(plan(field, isOn)).toEqual(expected);
});

it.each([
  'killSwitch: { canary: 5 }',
  'killSwitch: { canary: 1ms }',
  'killSwitch: { dove: 1s }',
  'killSwitch: 3s',
])('refuses %s', (field) => {
  expect(() => plan(field)).toThrow(/x\.yaml:3/);
});
