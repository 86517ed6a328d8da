import { describe, expect, it } from 'vitest';
import { collectOverrides } from '../../../src/scenario/file/overrides.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';

const STEADY = 'shows: a\nload: { executor: constant-arrival-rate, rate: 5, duration: 10s }\n';

function label(args: Record<string, unknown>, text = STEADY): string | undefined {
  return parseScenario(text, 'x.yaml', collectOverrides(args, {})).label;
}

describe('the label of a run', () => {
  it('is the text of run.label, or of --label', () => {
    expect(label({})).toBeUndefined();
    expect(label({}, `${STEADY}run: { label: before }\n`)).toBe('before');
    expect(label({ label: 'after' }, `${STEADY}run: { label: before }\n`)).toBe('after');
  });

  it.each(['1.0', '[a', 'a: b # c', '~', 'größer 漢字'])('is %s as it was written', (text) => {
    expect(label({ label: text })).toBe(text);
  });

  it.each([
    ['a control character', 'a\x1b[2Jb'],
    ['a C1 control', 'a\u009bb'],
    ['a second line', 'a\nb'],
    ['a change of direction', 'a\u202eb'],
    ['more than 200 characters', 'x'.repeat(201)],
  ])('may not have %s', (_, text) => {
    expect(() => label({ label: text })).toThrow(/must be text of 1 to 200 characters in one line/);
  });

  it('is not a number, and nothing that a variant overrides', () => {
    expect(() => label({}, `${STEADY}run: { label: 5 }\n`)).toThrow(/run\.label must be text/);
    const variants = 'variants: { a: { run: { label: x } }, b: {} }\n';
    expect(() => label({}, STEADY + variants)).toThrow(/it belongs to all variants together/);
  });
});
