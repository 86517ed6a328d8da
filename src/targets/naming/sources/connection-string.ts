import { invalid } from '../settings/invalid.ts';
import { describeForeign } from './foreign-string.ts';
import type { GivenParameters } from './given.ts';
import { isKeyword, parseKeyValues } from './key-value.ts';
import { isConnectionUrl, parseConnectionUrl } from './url.ts';

const OPTION_SHAPE = /^(?<role>[A-Za-z][\w-]*)=(?<rest>.*)$/s;
const EXAMPLES = 'postgres://user@host:5432/database or host=... port=... user=...';
/** The text that names the lab in place of a connection string. */
export const LAB = 'lab';

/** The most characters of a value; enough for hundreds of hosts. */
const LONGEST = 16_384;

/**
 * Splits `[role=]CONNECTION-STRING`, or `[role=]lab`. The role is undefined if none is named. The text before the first
 * `=` is a role if it is no keyword of libpq and a connection string follows. Throws UsageError if a role has the name
 * of a keyword.
 */
export function parseTargetOption(text: string): { role: string | undefined; rest: string } {
  if (text.length > LONGEST) {
    throw invalid(`target: must have at most ${LONGEST} characters, got ${text.length}`);
  }
  const { role = '', rest = '' } = OPTION_SHAPE.exec(text)?.groups ?? {};
  const isString = startsConnectionString(rest);
  // `host=lab` names a host, not the lab.
  const isOther = !isKeyword(role) && (rest === LAB || describeForeign(rest) !== undefined);
  if (role === '' || !(isString || isOther)) return { role: undefined, rest: text };
  // In `service= user=u`, libpq skips the blanks and takes the next pair for the value.
  if (isKeyword(role) && /^\s/.test(rest)) {
    throw invalid(
      `target: ${role} has no value: put an empty one in quotes (${role}=''), or leave it out`,
    );
  }
  if (isKeyword(role)) {
    throw invalid(
      `target: "${role}" is a keyword of connection strings and cannot be a role: give the role another name, or put the value of ${role} in quotes`,
    );
  }
  return { role, rest };
}

/**
 * Reads a connection string as libpq does: a URL, or key=value pairs. Throws UsageErrors, which never quote a password.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING
 */
export function parseConnectionString(text: string): GivenParameters {
  if (isConnectionUrl(text)) return parseConnectionUrl(text);
  const foreign = describeForeign(text);
  if (foreign !== undefined) throw invalid(`target: this is ${foreign}`);
  const scheme = /^\s*[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0].trim();
  if (scheme === undefined && text.includes('=')) return parseKeyValues(text);
  const got = scheme === undefined ? describeOther(text) : `${scheme}...`;
  throw invalid(
    `target must be a connection string such as ${EXAMPLES}, or role=CONNECTION-STRING, or lab, got ${got}`,
  );
}

/** Describes other text without quoting it: a name alone may be a password in the wrong place. */
function describeOther(text: string): string {
  return /^\s*[\w.-]+\s*$/.test(text)
    ? 'only a name: if it is a host, write postgres:// before it'
    : 'something else';
}

function startsConnectionString(text: string): boolean {
  const keyword = /^\s*(\w+)\s*=/.exec(text)?.[1];
  return isConnectionUrl(text) || (keyword !== undefined && isKeyword(keyword));
}
