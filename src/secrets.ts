/**
 * Masking of passwords in messages and files. Messages quote what a user gave, and that may be a connection string
 * anywhere.
 */

const MASK = '***';

/**
 * Names of parameters whose value is a secret. A longer name that ends with one of them counts too: sslpassword,
 * PGPASSWORD, oauth_client_secret.
 */
const SECRET_NAMES = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'client_secret',
  'scram_client_key',
  'scram_server_key',
];

/** Longer secrets are matched in several parts. This limits the work on hostile text. */
const LONGEST = '{0,4096}';

/** A name in which any letter may be percent-encoded, as in a URL's parameters, and the separator before its value. */
const NAME = `(?:${SECRET_NAMES.map(encodeLetters).join('|')})[ \\t]*(?:=|%3d)[ \\t]*`;
/**
 * A value without quotes: up to a blank, or to `&` or `;` if another parameter follows. After a backslash the next
 * character belongs to the value, even a blank.
 */
const BARE = `(?:\\\\[^\\n]|%(?!26[\\w.-]+%3d)|[&;](?![\\w.-]+=)|[^\\s&;%\\\\])${LONGEST}` as const;
const PARAMETER = new RegExp(
  `(?<name>${NAME})(?:'(?:\\\\.|[^'\\\\\\n])*(?:'|$)|"(?:\\\\.|[^"\\\\\\n])*(?:"|$)|(?<bare>${BARE}))`,
  'gim',
);

/** The beginning `scheme://user:`. A URL that was taken for a path has one slash left. */
const LOGIN =
  '(?<scheme>[a-z][a-z0-9+.-]{0,31}://?)(?<user>(?:[^\\s:@/"\'`[%]|%(?!3a)){0,256})(?::|%3a)';
/** A password ends where another connection string begins. */
const NO_NEXT = '(?!\\s["\'`(]?(?:[\\w-]{1,64}=)?[a-z][a-z0-9+.-]{0,31}://)';
/** Credentials in quotes: up to the last `@` before the closing quote, after which a sentence may go on. */
const QUOTED_CREDENTIALS = new RegExp(
  `(?<quote>["'\`])${LOGIN}(?:(?!\\k<quote>[;:,.)\\]?]*(?:\\s|$))${NO_NEXT}[^\\n])${LONGEST}@`,
  'gim',
);
/**
 * Credentials from `://user:` to the last `@` of the line, because users forget to encode `@`, `/` and blanks. A `"`
 * beside a blank ends them. Credentials in quotes were masked before.
 */
const CREDENTIALS = new RegExp(
  `${LOGIN}(?!\\*{3}@)(?:${NO_NEXT}(?:[^\\n"]|(?<=\\S)"(?=\\S)))${LONGEST}@`,
  'gi',
);
/** Credentials without an `@` behind them: cut off, or encoded. A number that can be a port is taken for one. */
const CUT_CREDENTIALS =
  /(?<scheme>[a-z][a-z0-9+.-]{0,31}:\/\/?)(?<user>[^\s:@/"'`[%]{1,256}):(?!\d{0,5}(?:[/?,\s"'`;:.…)]|$)|\*\*\*)[^\s"]+/gi;
/** Credentials without a scheme: `user:password@host`. */
const BARE_CREDENTIALS = new RegExp(
  `(?<=^|[\\s"'\`=(])(?<user>[^\\s:@/"'\`=(]{1,256}):(?!//|\\S${LONGEST}://)\\S${LONGEST}@(?=[\\w[%])`,
  'gm',
);
/**
 * Credentials whose user has an `@` that should have been encoded, as in `postgres://me@server:password@host`. A number
 * that can be a port is taken for one.
 */
const AT_USER_CREDENTIALS = new RegExp(
  `(?<scheme>[a-z][a-z0-9+.-]{0,31}://?)(?<user>(?:[^\\s:@/"'\`[%]{1,256}@)+[^\\s:@/"'\`[%]{1,256}):` +
    `(?!\\d{0,5}(?:[/?,\\s"'\`;:.…)]|$)|\\*{3}@)[^\\s"]${LONGEST}@`,
  'gi',
);
/** A line of a password file, `host:port:database:user:password`. An IPv6 address is not one. */
const PGPASS_LINE =
  /(?<login>(?<=^|[\s"'`])[\w.*-]{1,256}:(?:\d{1,5}|\*):[^:\s"'`]{1,256}:[^:\s"'`]{1,256}:)(?!\s)[^\s"'`]+/gim;
const IPV6 = /^[0-9a-f:]+$/i;
/** SQL's `PASSWORD 'secret'`, of CREATE ROLE and ALTER ROLE. */
const SQL_PASSWORD = /(?<name>\bpassword\s{1,64}(?:E|U&)?)'(?:[^'\\]|''|\\[\s\S]){0,4096}(?:'|$)/gi;
/** A URL that is percent-encoded as a whole. */
const ENCODED_CREDENTIALS = new RegExp(
  `(?<scheme>%3a%2f%2f)(?<user>(?:(?!%3a|%40|%2f)[^\\s"]){0,256})%3a\\S${LONGEST}%40`,
  'gi',
);

/**
 * Returns the text with `***` for every password in it: those of connection strings (URLs, `key=value`, JDBC's), quoted
 * or percent-encoded, and of other parameters whose names mean a password. It masks too much rather than too little.
 * One JSON document stays one. A second call changes nothing more.
 */
export function maskSecrets(text: string): string {
  if (!/[@=]|password\s+(?:E|U&)?'|%40|%3d|:\/\/|:[^:\s]+:[^:\s]+:[^:\s]/i.test(text)) return text;
  const masked = maskText(text);
  return masked === text ? text : (maskJson(text) ?? masked);
}

/**
 * Returns passwords with blanks in `given` (arguments, values of variables). Such a password has no visible end inside
 * a sentence, so `maskGiven` must know it.
 */
export function listBlankSecrets(given: readonly string[]): string[] {
  return given.flatMap((text) => {
    const { index, groups } = new RegExp(PARAMETER.source, 'i').exec(text) ?? {};
    const value = index === undefined ? '' : text.slice(index + (groups?.name ?? '').length);
    return value.length > 3 && /\S\s+\S/.test(value) ? [value] : [];
  });
}

/** Replaces each of `secrets` in the text, whole or cut off, then masks the rest. */
export function maskGiven(text: string, secrets: readonly string[]): string {
  // A text that was masked before, as a report's lines are, has lost the part of a secret before its first blank.
  const rests = secrets.map((secret) => MASK + secret.slice(secret.search(/(?<=\S)\s/)));
  return maskSecrets([...secrets, ...rests].reduce(maskBlankSecret, text));
}

/**
 * Masks a secret with blanks, also if a message quotes only its beginning. A part that ends before the first blank is
 * masked by the other rules.
 */
function maskBlankSecret(text: string, secret: string): string {
  const head = /^\s*\S+\s+\S/.exec(secret)?.[0] ?? secret;
  const [before = '', ...rests] = text.split(head);
  return rests.reduce((masked, rest) => {
    let length = 0;
    while (length < rest.length && rest[length] === secret[head.length + length]) length++;
    return masked + MASK + rest.slice(length);
  }, before);
}

function maskText(text: string): string {
  return text
    .replace(QUOTED_CREDENTIALS, `$<quote>$<scheme>$<user>:${MASK}@`)
    .replace(CREDENTIALS, `$<scheme>$<user>:${MASK}@`)
    .replace(AT_USER_CREDENTIALS, `$<scheme>$<user>:${MASK}@`)
    .replace(
      CUT_CREDENTIALS,
      (whole, scheme: string, user: string) => `${scheme}${user}:${MASK}${keepEnd(whole)}`,
    )
    .replace(PGPASS_LINE, (whole, login: string) => (IPV6.test(whole) ? whole : login + MASK))
    .replace(ENCODED_CREDENTIALS, `$<scheme>$<user>%3A${MASK}%40`)
    .replace(BARE_CREDENTIALS, `$<user>:${MASK}@`)
    .replace(SQL_PASSWORD, `$<name>'${MASK}'`)
    .replace(PARAMETER, (_whole, name: string, bare = '') => name + MASK + keepEnd(bare));
}

/** Returns the closing quote and punctuation after a value, which belong to the sentence. */
function keepEnd(bare: string): string {
  return /["'`]?[;:,.)\]?]*$/.exec(bare)?.[0] ?? '';
}

/** Masks a JSON document; undefined if the text is not one. */
function maskJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const masked = JSON.stringify(maskValue(JSON.parse(text))).replace(CONTROLS, escapeUnit);
    return text.endsWith('\n') ? `${masked}\n` : masked;
  } catch {
    return undefined;
  }
}

/** Characters that may have been escaped before, and that JSON.stringify leaves unescaped. */
const CONTROLS = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function maskValue(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map(maskValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => [maskText(key), maskValue(field)]);
  return Object.fromEntries(entries);
}

/** Returns `(?:a|%61|%41)` for `a`, and so on for each letter. */
function encodeLetters(name: string): string {
  return [...name].map(encodeLetter).join('');
}

function encodeLetter(letter: string): string {
  const codes = [letter, letter.toUpperCase()].map(
    (it) => `%${it.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `(?:${[letter, ...new Set(codes)].join('|')})`;
}
