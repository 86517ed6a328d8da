/** Scenarios nest five deep. */
const MAX_DEPTH = 50;

/**
 * The offset at which text nests deeper than any scenario; undefined where it does not. Looked for before
 * parsing: yaml recurses, and thousands of levels do not end in an exception but can abort the process.
 * Levels made by indentation alone need no watching: a file's size bounds them.
 */
export function findDeepNesting(text: string): number | undefined {
  const oneLine = /(?:[-?:][ \t]+){50}/.exec(text);
  return oneLine?.index ?? findDeepBrackets(text);
}

/** Brackets inside of strings count as well: fifty unclosed ones are no scenario either. */
function findDeepBrackets(text: string): number | undefined {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > MAX_DEPTH) return index;
    // A stray closing one must not make room for more.
    depth = Math.max(0, depth);
  }
  return undefined;
}
