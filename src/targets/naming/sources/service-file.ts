import { suggestNearest } from '../../../scenario/nearest.ts';
import { invalid } from '../settings/invalid.ts';
import type { GivenParameters } from './given.ts';

/** The blanks of C's isspace() at the ends of a line; JavaScript's trim() removes more. */
const EDGE_BLANKS = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g;
/** Keywords that a service may not have: it cannot name another service or file. */
const NESTED = ['service', 'servicefile'];

/**
 * Returns the parameters of one service in the text of a pg_service.conf; undefined if it has no such section. As in
 * libpq, blanks at a line's ends do not count, and those around `=` do. A line that begins with # is a comment. The
 * first section of a name counts, and in it the first value of a keyword. Other sections are not checked.
 *
 * Throws UsageError for a line that is no keyword=value of libpq, with the line's number but without any value.
 * https://www.postgresql.org/docs/18/libpq-pgservice.html
 */
export function parseService(
  text: string,
  service: string,
  { path, keywords }: { path: string; keywords: readonly string[] },
): GivenParameters | undefined {
  let given: GivenParameters | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(EDGE_BLANKS, '');
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      if (given !== undefined) return given;
      if (line.startsWith(`[${service}]`)) given = new Map();
    } else if (given !== undefined) {
      const where = `service file ${path}, line ${index + 1}`;
      const [keyword, value] = parseLine(line, where, keywords);
      const source = `service "${service}" (${path}, line ${index + 1}): ${keyword}`;
      if (!given.has(keyword)) given.set(keyword, { value, source });
    }
  }
  return given;
}

/** Returns the names of all sections, in their order. */
export function listServices(text: string): string[] {
  return [...text.matchAll(/^[ \t\v\f\r]*\[(.*?)\]/gm)].map(([, name = '']) => name);
}

function parseLine(
  line: string,
  where: string,
  keywords: readonly string[],
): [keyword: string, value: string] {
  if (/^ldaps?:\/\//.test(line)) {
    throw invalid(
      `${where}: connstorm cannot ask an LDAP server: write host, port and dbname there`,
    );
  }
  const at = line.indexOf('=');
  if (at === -1) throw invalid(`${where}: a line must be keyword=value`);
  const keyword = line.slice(0, at);
  if (NESTED.includes(keyword)) {
    throw invalid(`${where}: a service cannot name another (${keyword}): leave it out`);
  }
  if (keywords.includes(keyword)) return [keyword, line.slice(at + 1)];
  if (keywords.includes(keyword.trim())) {
    throw invalid(`${where}: there must be no blank before =, as in ${keyword.trim()}=value`);
  }
  throw invalid(`${where}: unknown keyword${describeKeyword(keyword, keywords)}`);
}

/** Describes an unknown keyword. If it does not look like a keyword, it may be part of a password and is not quoted. */
function describeKeyword(keyword: string, keywords: readonly string[]): string {
  return /^\w{1,40}$/.test(keyword)
    ? ` "${keyword}"${suggestNearest(keyword, keywords)}`
    : ' before =';
}
