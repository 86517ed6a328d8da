/** Finds out about statements of SQL without asking a server. */

/** How statements are sent: a Query message each, or Parse, Bind, Execute and Sync each. */
export const PROTOCOLS = ['simple', 'extended'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** One text of SQL, cut at the semicolons that end statements. */
export interface ScannedText {
  /**
   * The first two words of each statement that is not empty, in upper case. A word is '' if something else stands there.
   */
  statements: { first: string; second: string }[];
  /**
   * False if the server may cut the text elsewhere: a quote or comment has no end, or a plain quote holds a backslash,
   * whose meaning depends on standard_conforming_strings.
   */
  isSure: boolean;
}

/** Scans a text by the rules of PostgreSQL's lexer (src/backend/parser/scan.l). */
export function scanText(text: string): ScannedText {
  const scanned: ScannedText = { statements: [], isSure: true };
  let words: string[] | undefined;
  const end = (): void => {
    const [first = '', second = ''] = words ?? [];
    if (words !== undefined) scanned.statements.push({ first, second });
    words = undefined;
  };
  for (let at = 0; at < text.length; ) {
    const token = readToken(text, at);
    if (!token.isSure) scanned.isSure = false;
    if (token.kind === 'end') end();
    if (token.kind === 'word' || token.kind === 'other') {
      words ??= [];
      words.push(token.kind === 'word' ? text.slice(at, token.end).toUpperCase() : '');
    }
    at = token.end;
  }
  end();
  return scanned;
}

interface Token {
  kind: 'blank' | 'word' | 'end' | 'other';
  end: number;
  isSure: boolean;
}

const BLANKS = /[ \t\n\r\f\v]+|--[^\n\r]*/y;
const COMMENT = /\/\*/y;
const ESCAPED_QUOTE = /[eE]'(?:[^'\\]|''|\\[\s\S])*('?)/y;
const PLAIN_QUOTE = /'(?:[^']|'')*('?)/y;
const IDENTIFIER = /"(?:[^"]|"")*("?)/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;

function readToken(text: string, at: number): Token {
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const blanks = match(BLANKS);
  if (blanks !== null) return { kind: 'blank', end: at + blanks[0].length, isSure: true };
  if (match(COMMENT) !== null) return { kind: 'blank', ...endComment(text, at) };
  if (text[at] === ';') return { kind: 'end', end: at + 1, isSure: true };
  const quote = match(ESCAPED_QUOTE) ?? match(PLAIN_QUOTE) ?? match(IDENTIFIER);
  if (quote !== null) {
    const isPlain = text[at] === "'";
    const isSure = quote[1] !== '' && !(isPlain && quote[0].includes('\\'));
    return { kind: 'other', end: at + quote[0].length, isSure };
  }
  const dollar = match(DOLLAR);
  if (dollar !== null) {
    const close = text.indexOf(dollar[0], at + dollar[0].length);
    const end = close === -1 ? text.length : close + dollar[0].length;
    return { kind: 'other', end, isSure: close !== -1 };
  }
  const word = match(WORD);
  return word === null
    ? { kind: 'other', end: at + 1, isSure: true }
    : { kind: 'word', end: at + word[0].length, isSure: true };
}

/** Finds the end of a comment. PostgreSQL's comments nest. */
function endComment(text: string, start: number): { end: number; isSure: boolean } {
  let depth = 0;
  for (const { 0: mark, index } of text.slice(start).matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return { end: start + index + 2, isSure: true };
  }
  return { end: text.length, isSure: false };
}

/** Returns whether one of the text's statements is COPY. */
export function hasCopy(text: string): boolean {
  return scanText(text).statements.some(({ first }) => first === 'COPY');
}

/** First words of statements that begin or end a transaction. */
const TRANSACTION_WORDS = ['BEGIN', 'START', 'COMMIT', 'END', 'ROLLBACK', 'ABORT'];

/**
 * Returns why the text could leave the read-only transaction that it is sent in; undefined if it cannot. In the
 * extended protocol the server itself refuses several statements in one text.
 */
export function findEscape(text: string, protocol: Protocol): string | undefined {
  const { statements, isSure } = scanText(text);
  const [only] = statements;
  const isPrepared = only?.first === 'PREPARE' && only.second === 'TRANSACTION';
  if (only !== undefined && (isPrepared || TRANSACTION_WORDS.includes(only.first))) {
    return `is ${isPrepared ? 'PREPARE TRANSACTION' : only.first}`;
  }
  // Without a semicolon before its end a text is one statement, whatever its quotes mean.
  const isOne = (isSure && statements.length < 2) || !/;(?!\s*(?:;|$))/.test(text);
  return protocol === 'simple' && !isOne
    ? isSure
      ? `has ${statements.length} statements`
      : 'may have several statements'
    : undefined;
}

/** What surrounds a statement in a read-only transaction. */
export const BEGIN_READ_ONLY = 'BEGIN READ ONLY';
export const COMMIT = 'COMMIT';

/**
 * Returns the text in a read-only transaction, for one Query message. What `SET` sets stays set after it. The newline
 * ends a comment at the text's end.
 */
export function wrapReadOnly(text: string): string {
  return `${BEGIN_READ_ONLY}; ${text}\n; ${COMMIT}`;
}
