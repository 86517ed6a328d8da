import { suggestNearest } from '../../../scenario/nearest.ts';
import { invalid } from '../settings/invalid.ts';
import { describeForeignParameter } from './foreign-string.ts';
import type { GivenParameters } from './given.ts';
import { LIBPQ_KEYWORDS, SECRETS } from './parameters.ts';

/** libpq's own division of a connection URI. Credentials end at the first `@` that comes before a `/`. */
const URL_SHAPE =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<authority>[^/?]*)(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s;
/** One of the hosts. Its port may be empty. */
const HOST_SHAPE = /^(?:\[(?<bracketed>[^\]]+)\]|(?<name>[^:[\]]*))(?::(?<port>[^:]*))?$/;

/** Returns whether libpq would take the text for a URL; the scheme must be in lower case. */
export function isConnectionUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text);
}

/**
 * Reads a connection URI as libpq does: percent-encoding, several hosts, IPv6 in brackets, parameters after `?`. An
 * empty part counts as not given, but an empty parameter as given. As in PostgreSQL 18, blanks around a part do not
 * count, and blanks inside it must be encoded. Throws UsageErrors, which never quote a password.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function parseConnectionUrl(text: string): GivenParameters {
  const parts = URL_SHAPE.exec(text)?.groups;
  if (parts === undefined) throw invalid('target URL: must be postgres://user@host:5432/database');
  const { user = '', password = '', authority = '', database = '', query = '' } = parts;
  refuseUnencoded(authority, database, query);
  const given: GivenParameters = new Map();
  const named = { user, password, ...splitAuthority(authority), dbname: database };
  for (const [keyword, encoded] of Object.entries(named)) {
    if (encoded !== '') give(given, keyword, encoded);
  }
  readQuery(query, given);
  return given;
}

/**
 * Refuses a URL in which a character seems to end a password too early, so that the rest would be taken for something
 * else. The first @ ends user and password, and a / before it already ends the host.
 */
function refuseUnencoded(authority: string, database: string, query: string): void {
  if (authority.includes('@')) {
    throw invalid('target URL: there is more than one @: in a user or password write @ as %40');
  }
  if (database.includes('@') || /^[^=]*@/.test(query)) {
    throw invalid(
      'target URL: there is an @ after the host: in a user or password write / as %2F and ? as %3F, in a database write @ as %40',
    );
  }
}

/**
 * Returns the lists of hosts and ports, with as many ports as hosts. They are still encoded; as in libpq, the decoded
 * lists are split later.
 */
function splitAuthority(text: string): { host: string; port: string } {
  const hosts = text.split(',').map((part) => {
    const groups = HOST_SHAPE.exec(part)?.groups;
    if (groups !== undefined) return groups;
    throw invalid('target URL: an IPv6 address must stand in brackets, as in [::1]:5432');
  });
  return {
    host: hosts.map(({ bracketed, name }) => bracketed ?? name ?? '').join(','),
    port: hosts.map(({ port }) => port ?? '').join(','),
  };
}

function readQuery(text: string, given: GivenParameters): void {
  const pairs = text.split('&');
  // As in libpq, one & at the end is ignored.
  if (pairs.at(-1) === '') pairs.pop();
  let before = '';
  for (const pair of pairs) {
    const [encoded = '', value, ...more] = pair.split('=');
    if (value === undefined) {
      throw invalid('target URL: parameters after ? must be name=value; write & in a value as %26');
    }
    const name = decode(encoded, 'target URL: a parameter');
    if (more.length > 0) {
      throw invalid(`target URL: = inside ${quoteKnown(name)} must be percent-encoded (%3D)`);
    }
    // libpq accepts ssl=true for the sake of JDBC's URLs.
    if (name === 'ssl' && value === 'true') give(given, 'sslmode', 'require');
    else if (LIBPQ_KEYWORDS.includes(name)) give(given, name, value);
    else throw describeUnknown(name, before);
    before = name;
  }
}

function quoteKnown(name: string): string {
  return LIBPQ_KEYWORDS.includes(name) ? name : 'a value';
}

/** Describes an unknown parameter. An unencoded & in a password ends it, and what follows is no name. */
function describeUnknown(name: string, before: string): Error {
  if (SECRETS.includes(before)) {
    return invalid(
      `target URL: after ${before} there is something that is not a parameter: write & in a value as %26`,
    );
  }
  const foreign = describeForeignParameter(name);
  if (foreign !== undefined) return invalid(`target URL: unknown parameter "${name}": ${foreign}`);
  return invalid(`target URL: unknown parameter "${name}"${suggestNearest(name, LIBPQ_KEYWORDS)}`);
}

function give(given: GivenParameters, keyword: string, encoded: string): void {
  const source = `target URL: ${keyword === 'dbname' ? 'database' : keyword}`;
  given.set(keyword, { value: decode(encoded, source), source });
}

function decode(encoded: string, source: string): string {
  const text = encoded.replace(/^ +| +$/g, '');
  if (text.includes(' ')) throw invalid(`${source} must have its blanks percent-encoded (%20)`);
  if (text.includes('%00')) throw invalid(`${source} must not hold %00`);
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw invalid(`${source} is not percent-encoded UTF-8: write % itself as %25`);
  }
}
