import { findDeepNesting } from './nesting.ts';

/** An excess of something in a text: the offset where it becomes too much, and a text that names it. */
export interface Excess {
  offset: number;
  text: string;
}

/**
 * Several times what scenarios have. Beyond these limits YAML readers take tens of seconds, because they compare pairs.
 */
const LIMITS: readonly { what: string; most: number; sign: RegExp }[] = [
  { what: 'aliases', most: 100, sign: /(?:^|[\s[{,:-])\*[^\s*,[\]{}]/g },
  { what: 'fields', most: 2000, sign: /[:?]/g },
  { what: 'entries', most: 2000, sign: /,|(?:^|\n)[ \t]*-[ \t]/g },
];

/** Checks the limits before parsing, in the raw text: quotes and comments count too. */
export function findExcess(text: string): Excess | undefined {
  const deep = findDeepNesting(text);
  if (deep !== undefined) return { offset: deep, text: 'nested too deeply for a scenario' };
  for (const { what, most, sign } of LIMITS) {
    let seen = 0;
    for (const { index } of text.matchAll(sign)) {
      if (++seen > most) return { offset: index, text: `more than ${most} ${what} in a scenario` };
    }
  }
  return undefined;
}
