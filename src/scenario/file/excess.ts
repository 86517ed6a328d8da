import { findDeepNesting } from './nesting.ts';

/** What is too much of something, and where it begins to be. */
export interface Excess {
  offset: number;
  text: string;
}

/** Times more than scenarios have. Beyond it what reads YAML takes tens of seconds: it looks at pairs of them. */
const LIMITS: readonly { what: string; most: number; sign: RegExp }[] = [
  { what: 'aliases', most: 100, sign: /(?:^|[\s[{,:-])\*[^\s*,[\]{}]/g },
  { what: 'fields', most: 2000, sign: /[:?]/g },
  { what: 'entries', most: 2000, sign: /,|(?:^|\n)[ \t]*-[ \t]/g },
];

/** Looked for before parsing, in the text as it is: what stands in quotes and comments counts as well. */
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
