import { describe, expect, it } from 'vitest';
import { listBuiltIns } from '../../../src/scenario/file/built-ins.ts';
import { readScenario } from '../../../src/scenario/file/read.ts';
import { expectAnswer, listShortForms, SHORT } from '../../support/short-scenarios.ts';

it('each built-in scenario has a short form, or a reason to have none', () => {
  const names = listBuiltIns().map(({ name }) => name);
  expect(names.filter((name) => SHORT[name] === undefined)).toEqual([]);
});

it.each(listBuiltIns())('$name asks something that its report answers', ({ name }) => {
  expect(readScenario(name).answer).toBeDefined();
});

describe('a built-in scenario of limits or storms, in its short form', () => {
  it.each(listShortForms(['limits', 'storms']))('%s ends with an answer', expectAnswer);
});
