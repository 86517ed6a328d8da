/** Keeps passwords out of whatever people or files are told: messages quote what was given, and may be given a connection string anywhere. */

const MASK = '***';

/** Parameters whose value is a secret. A longer name that ends so is one too: sslpassword, PGPASSWORD, oauth_client_secret. */
const SECRET_NAMES = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'client_secret',
  'scram_client_key',
  'scram_server_key',
];

/** Longer secrets are cut into several; bounds the work on hostile text. */
const LONGEST = '{0,4096}';

/** A name in which any letter may be percent-encoded, as in a URL's parameters, and what separates it from its value. */
const NAME = `(?:${SECRET_NAMES.map(encodeLetters).join('|')})[ \\t]*(?:=|%3d)[ \\t]*`;
/** Up to a blank, or to `&` or `;` where another parameter follows. A backslash takes the next character along, a blank too. */
const BARE = `(?:\\\\[^\\n]|%(?!26[\\w.-]+%3d)|[&;](?![\\w.-]+=)|[^\\s&;%\\\\])${LONGEST}` as const;
const PARAMETER = new RegExp(
  `(?<name>${NAME})(?:'(?:\\\\.|[^'\\\\\\n])*(?:'|$)|"(?:\\\\.|[^"\\\\\\n])*(?:"|$)|(?<bare>${BARE}))`,
  'gim',
);

/** `scheme://user:`. A URL that was taken for a path has one slash left. */
const LOGIN =
  '(?<scheme>[a-z][a-z0-9+.-]{0,31}://?)(?<user>(?:[^\\s:@/"\'`[%]|%(?!3a)){0,256})(?::|%3a)';
/** Where another connection string begins, no password goes on. */
const NO_NEXT = '(?!\\s["\'`(]?(?:[\\w-]{1,64}=)?[a-z][a-z0-9+.-]{0,31}://)';
/** In quotes: to the last `@` before the closing quote, behind which a sentence goes on. */
const QUOTED_CREDENTIALS = new RegExp(
  `(?<quote>["'\`])${LOGIN}(?:(?!\\k<quote>[;:,.)\\]?]*(?:\\s|$))${NO_NEXT}[^\\n])${LONGEST}@`,
  'gim',
);
/**
 * From `://user:` to the last `@` of the line: people forget to encode `@`, `/` and blanks. A `"` ends it beside a blank.
 * What was masked in quotes has its end.
 */
const CREDENTIALS = new RegExp(
  `${LOGIN}(?!\\*{3}@)(?:${NO_NEXT}(?:[^\\n"]|(?<=\\S)"(?=\\S)))${LONGEST}@`,
  'gi',
);
/** The same without an `@` behind it: cut off, or encoded. What looks like a port is one. */
const CUT_CREDENTIALS =
  /(?<scheme>[a-z][a-z0-9+.-]{0,31}:\/\/?)(?<user>[^\s:@/"'`[%]{1,256}):(?!\d{0,5}(?:[/?,\s"'`;:.…)]|$)|\*\*\*)[^\s"]+/gi;
/** `user:password@host` without a scheme. */
const BARE_CREDENTIALS = new RegExp(
  `(?<=^|[\\s"'\`=(])(?<user>[^\\s:@/"'\`=(]{1,256}):(?!//|\\S${LONGEST}://)\\S${LONGEST}@(?=[\\w[%])`,
  'gm',
);
/**
 * The same where the user has an `@` that should have been encoded, as in `postgres://me@server:password@host`. What looks like a
 * port is one.
 */
const AT_USER_CREDENTIALS = new RegExp(
  `(?<scheme>[a-z][a-z0-9+.-]{0,31}://?)(?<user>(?:[^\\s:@/"'\`[%]{1,256}@)+[^\\s:@/"'\`[%]{1,256}):` +
    `(?!\\d{0,5}(?:[/?,\\s"'\`;:.…)]|$)|\\*{3}@)[^\\s"]${LONGEST}@`,
  'gi',
);
/** A line of a password file, `host:port:database:user:password`. An IPv6 address is none. */
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
 * The text with `***` for every password in it: those of connection strings (URLs, `key=value`, JDBC's), quoted or
 * percent-encoded, and of other parameters whose names say so. Rather too much is masked than too little. One JSON document
 * stays one. Applied twice it changes nothing more.
 */
export function maskSecrets(text: string): string {
  if (!/[@=]|password\s+(?:E|U&)?'|%40|%3d|:\/\/|:[^:\s]+:[^:\s]+:[^:\s]/i.test(text)) return text;
  const masked = maskText(text);
  return masked === text ? text : (maskJson(text) ?? masked);
}

/**
 * What to mask beside that where `given` (arguments, values of variables) may be quoted: a password with blanks ends
 * nowhere once it is a part of a sentence.
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
  // What was masked before without knowing them, as a report's lines are, has lost what stood before the first blank.
  const rests = secrets.map((secret) => MASK + secret.slice(secret.search(/(?<=\S)\s/)));
  return maskSecrets([...secrets, ...rests].reduce(maskBlankSecret, text));
}

/** A message may quote the beginning alone. What ends before the first blank is masked without being known. */
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

/** The quote and stop with which a sentence goes on behind a value. */
function keepEnd(bare: string): string {
  return /["'`]?[;:,.)\]?]*$/.exec(bare)?.[0] ?? '';
}

/** undefined where the text is not one document. */
function maskJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const masked = JSON.stringify(maskValue(JSON.parse(text))).replace(CONTROLS, escapeUnit);
    return text.endsWith('\n') ? `${masked}\n` : masked;
  } catch {
    return undefined;
  }
}

/** What may have been escaped before, and JSON.stringify leaves as it is. */
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

/** `a` as `(?:a|%61|%41)`. */
function encodeLetters(name: string): string {
  return [...name].map(encodeLetter).join('');
}

function encodeLetter(letter: string): string {
  const codes = [letter, letter.toUpperCase()].map(
    (it) => `%${it.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `(?:${[letter, ...new Set(codes)].join('|')})`;
}
