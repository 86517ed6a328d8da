import { describe, expect, it } from 'vitest';
import { findNearest, suggestNearest } from '../../src/scenario/nearest.ts';

const KNOWN = [
  'rate',
  'timeUnit',
  'duration',
  'arrivals',
  'maxInFlight',
  'gracefulStop',
  'queries',
];

describe('findNearest', () => {
  it.each([
    ['rat', 'rate'],
    ['rates', 'rate'],
    ['Rate', 'rate'],
    ['timeunit', 'timeUnit'],
    ['time_unit', 'timeUnit'],
    ['quereis', 'queries'],
    ['max_in_flight', 'maxInFlight'],
    ['durration', 'duration'],
  ])('takes %s for %s', (name, meant) => {
    expect(findNearest(name, KNOWN)).toBe(meant);
  });

  it.each(['', 'x', 'colour', 'latency', 'r'.repeat(10_000)])(
    'takes %s for nothing known',
    (name) => {
      expect(findNearest(name, KNOWN)).toBeUndefined();
    },
  );

  it('prefers the nearer of two', () => {
    expect(findNearest('stages', ['stage', 'stages'])).toBe('stages');
  });

  it('knows nothing where nothing is known', () => {
    expect(findNearest('rate', [])).toBeUndefined();
  });
});

describe('suggestNearest', () => {
  it('asks for the near name and says nothing without one', () => {
    expect(suggestNearest('rat', KNOWN)).toBe('; did you mean `rate`?');
    expect(suggestNearest('colour', KNOWN)).toBe('');
  });
});
