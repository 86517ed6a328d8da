import { describe, it } from 'vitest';
import { expectAnswer, listShortForms } from '../../support/short-scenarios.ts';

describe('a built-in scenario of causes, cures or checks, in its short form', () => {
  it.each(listShortForms(['causes', 'cures', 'checks']))('%s ends with an answer', expectAnswer);
});
