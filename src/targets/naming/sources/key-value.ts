import { suggestNearest } from '../../../scenario/nearest.ts';
import { invalid } from '../settings/invalid.ts';
import type { GivenParameters } from './given.ts';
import { LIBPQ_KEYWORDS, SECRETS } from './parameters.ts';

/** The blanks of C's isspace(); JavaScript's \s matches more. */
const BLANK = '[ \\t\\n\\v\\f\\r]';
/**
 * `keyword = value` at the beginning of the remaining text. The value is bare or in single quotes; `\` escapes in both.
 */
const PAIR = new RegExp(
  `^${BLANK}*(?<keyword>[^= \\t\\n\\v\\f\\r]+)${BLANK}*=${BLANK}*` +
    `(?:'(?<quoted>(?:\\\\.|[^'\\\\])*)'|(?!')(?<bare>(?:\\\\.|[^\\\\ \\t\\n\\v\\f\\r])*)\\\\?)`,
  's',
);
const ONLY_BLANKS = new RegExp(`^${BLANK}*$`);

/** Returns whether libpq has a parameter of this name; case counts. */
export function isKeyword(name: string): boolean {
  return LIBPQ_KEYWORDS.includes(name);
}

/**
 * Reads `host=localhost dbname='my db'` as libpq does. Blanks around `=` do not count. A value with blanks stands in
 * single quotes, and `\` takes the next character as it is. If a keyword is given twice, the last one counts. Throws
 * UsageErrors. A part of an unquoted password may look like a keyword, so they quote nothing that follows a password.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
 */
export function parseKeyValues(text: string): GivenParameters {
  const given: GivenParameters = new Map();
  let before: string | undefined;
  for (let rest = text; !ONLY_BLANKS.test(rest); ) {
    const match = PAIR.exec(rest);
    if (match === null) throw describeBroken(rest, before);
    const { keyword = '', quoted, bare = '' } = match.groups ?? {};
    if (!isKeyword(keyword)) throw describeUnknown(keyword, before);
    const value = (quoted ?? bare).replace(/\\(.)/gs, '$1');
    given.set(keyword, { value, source: `target: ${keyword}` });
    before = keyword;
    rest = rest.slice(match[0].length);
  }
  return given;
}

function describeBroken(rest: string, before: string | undefined): Error {
  const keyword = /^\s*([^\s=]+)\s*=\s*'/.exec(rest)?.[1];
  if (keyword !== undefined && isKeyword(keyword)) {
    return invalid(`target: the quotes of ${keyword} do not end: write ' inside of them as \\'`);
  }
  const where = before === undefined ? 'at the beginning' : `after ${before}`;
  return invalid(
    `target: ${where} there must be keyword=value; put a value with blanks in quotes, as in dbname='my db'`,
  );
}

function describeUnknown(keyword: string, before: string | undefined): Error {
  if (before !== undefined && SECRETS.includes(before)) {
    return invalid(
      `target: after ${before} there is something that is not a keyword: put a value with blanks in single quotes`,
    );
  }
  // It may be part of another kind of string, which may hold a password.
  if (!/^\w{1,40}$/.test(keyword)) {
    return invalid(
      'target: what is before the first = is not a keyword: write keyword=value, as in host=db port=5432',
    );
  }
  return invalid(`target: unknown keyword "${keyword}"${suggestNearest(keyword, LIBPQ_KEYWORDS)}`);
}
