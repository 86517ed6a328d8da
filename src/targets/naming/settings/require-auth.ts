import { AUTH_METHODS, type AuthRequirement } from '../../../drivers/login/auth-requirement.ts';
import { invalid } from './invalid.ts';

/**
 * libpq's other methods. A server that asks for one is refused in any case, so only their negation makes sense here.
 */
const UNSPOKEN = ['gss', 'sspi', 'oauth'];

/**
 * Reads libpq's require_auth: methods separated by commas. Without `!` the server must ask for one of them. With `!`
 * before all of them it must ask for none of them. Throws UsageError for anything else.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH
 */
export function readRequireAuth(text: string, source: string): AuthRequirement {
  const entries = text.split(',');
  const isNegative = text.startsWith('!');
  if (entries.some((entry) => entry.startsWith('!') !== isNegative)) {
    throw invalid(`${source} must have ! before all methods or before none, got "${text}"`);
  }
  const names = entries.map((entry) => (isNegative ? entry.slice(1) : entry));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw invalid(`${source} names ${repeated} more than once`);
  for (const name of names) checkMethod(name, isNegative, source);
  const named = AUTH_METHODS.filter((method) => names.includes(method));
  return isNegative
    ? { text, allowed: AUTH_METHODS.filter((method) => !named.includes(method)), named: [] }
    : { text, allowed: named, named };
}

function checkMethod(name: string, isNegative: boolean, source: string): void {
  if ((AUTH_METHODS as readonly string[]).includes(name)) return;
  if (!UNSPOKEN.includes(name)) {
    throw invalid(`${source} must be a list of ${AUTH_METHODS.join(', ')}, got "${name}"`);
  }
  if (!isNegative) {
    throw invalid(`${source} names ${name}, which connstorm does not support: name others`);
  }
}
