// @ts-check

/**
 * Puts `content` in place of a page's generated part.
 *
 * @param {string} page The page's Markdown.
 * @param {string} name The part's name.
 * @param {string} content
 * @returns {string}
 * @throws Error where the page has no such part
 */
export function replacePart(page, name, content) {
  const begin = `<!-- reference:${name} (written by npm run reference) -->\n`;
  const end = `<!-- reference:${name}:end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`the page has no place for "${name}"`);
  return `${page.slice(0, from + begin.length)}${content}${page.slice(to)}`;
}
