/** Scenarios nest five deep. */
const MAX_DEPTH = 50;

/**
 * Returns the offset at which text nests deeper than any scenario; undefined if it does not. It looks before parsing:
 * yaml recurses, and thousands of levels may abort the process in place of an exception. Levels by indentation alone
 * need no check, because the file's size limits them.
 */
export function findDeepNesting(text: string): number | undefined {
  const oneLine = /(?:[-?:][ \t]+){50}/.exec(text);
  return oneLine?.index ?? findDeepBrackets(text);
}

/**
 * Returns the offset at which brackets nest too deeply. Brackets inside strings count too: no scenario has fifty
 * unclosed ones.
 */
function findDeepBrackets(text: string): number | undefined {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > MAX_DEPTH) return index;
    // A stray closing bracket must not make room for more.
    depth = Math.max(0, depth);
  }
  return undefined;
}
