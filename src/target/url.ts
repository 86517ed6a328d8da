import { suggestNearest } from '../scenario/nearest.ts';
import { invalid } from './invalid.ts';
import { LIBPQ_KEYWORDS, readParameter, type TargetSpec } from './parameters.ts';

/** libpq's own division of a connection URI: credentials end at the first `@` that comes before a `/`. */
const URL_SHAPE =
  /^postgres(?:ql)?:\/\/(?:(?<credentials>[^@/]*)@)?(?<authority>[^/?]*)(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s;
const OPTION_SHAPE = /^(?<role>[A-Za-z][\w-]*)=(?<url>postgres(?:ql)?:\/\/.*)$/s;
const EXAMPLE = 'postgres://user@host:5432/database';

/** Splits `[role=]URL`; the role is undefined where none is named. */
export function parseTargetOption(text: string): { role: string | undefined; url: string } {
  const groups = OPTION_SHAPE.exec(text)?.groups;
  return { role: groups?.role, url: groups?.url ?? text };
}

/**
 * Reads a connection URI as libpq does (percent-encoding, IPv6 in brackets, parameters after `?`), as far as
 * connstorm supports it. Errors are UsageErrors and never quote a password.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function parseTargetUrl(text: string): TargetSpec {
  const parts = URL_SHAPE.exec(text)?.groups;
  if (parts === undefined) throw invalid(describeOtherShape(text));
  const { credentials = '', authority = '', database = '', query = '' } = parts;
  if (authority.includes('@') || database.includes('@') || /^[^=]*@/.test(query)) {
    throw invalid(
      'target URL: @, : and / must be percent-encoded in a user, password or database (@ is %40, : is %3A, / is %2F)',
    );
  }
  return {
    ...parseCredentials(credentials),
    ...parseAuthority(authority),
    ...parseValue('dbname', 'database', database),
    ...parseQuery(query),
  };
}

/** The text without its password, for messages; it may be no URL at all. Rather hides too much than too little. */
export function redactUrl(text: string): string {
  return text
    .replace(/(:\/\/[^:@/]*):.*@/s, '$1:***@')
    .replace(/\b((?:ssl)?password)\s*=\s*[^&]*/gi, '$1=***');
}

function describeOtherShape(text: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  const got = scheme === undefined ? 'something else' : `${scheme}...`;
  return `target must be a URL such as ${EXAMPLE}, or role=URL, got ${got} (key=value strings and bare host names are not supported)`;
}

function parseCredentials(text: string): TargetSpec {
  const colon = text.indexOf(':');
  if (colon === -1) return parseValue('user', 'user', text);
  return {
    ...parseValue('user', 'user', text.slice(0, colon)),
    ...parseValue('password', 'password', text.slice(colon + 1)),
  };
}

function parseAuthority(text: string): TargetSpec {
  if (text.includes(',')) {
    throw invalid('target URL: several hosts are not supported: name one');
  }
  const groups = /^(?:\[(?<bracketed>[^\]]+)\]|(?<name>[^:[\]]*))(?::(?<port>[^:]*))?$/.exec(
    text,
  )?.groups;
  if (groups === undefined) {
    throw invalid('target URL: an IPv6 address must stand in brackets, as in [::1]:5432');
  }
  return {
    ...parseValue('host', 'host', groups.bracketed ?? groups.name ?? ''),
    ...parseValue('port', 'port', groups.port ?? ''),
  };
}

function parseQuery(text: string): TargetSpec {
  const pairs = text.split('&').filter((pair) => pair !== '');
  return Object.assign({}, ...pairs.map(parsePair));
}

function parsePair(pair: string): TargetSpec {
  const equals = pair.indexOf('=');
  if (equals === -1) throw invalid('target URL: parameters after ? must be name=value');
  const name = pair.slice(0, equals);
  if (!LIBPQ_KEYWORDS.includes(name)) {
    throw invalid(`target URL: unknown parameter "${name}"${suggestNearest(name, LIBPQ_KEYWORDS)}`);
  }
  return parseValue(name, name, pair.slice(equals + 1));
}

function parseValue(keyword: string, part: string, encoded: string): TargetSpec {
  const source = `target URL: ${part}`;
  return readParameter(keyword, decode(encoded, source), source);
}

function decode(encoded: string, source: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw invalid(`${source} is not percent-encoded UTF-8: write % itself as %25`);
  }
}
