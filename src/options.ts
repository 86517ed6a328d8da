import { UsageError } from './errors.ts';

/** A kind of option: its description in words, and a check of a value. */
export interface Kind {
  expected: string;
  fits: (value: unknown) => boolean;
}

function isData(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All kinds of options. */
export const FIELD = {
  flag: { expected: 'true or false', fits: (value) => typeof value === 'boolean' },
  text: {
    expected: 'a text that is not empty',
    fits: (value) => typeof value === 'string' && value !== '',
  },
  count: {
    expected: 'a whole number from 0',
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  },
  amount: {
    expected: 'a number from 0',
    fits: (value) => Number.isFinite(value) && Number(value) >= 0,
  },
  data: { expected: 'an object', fits: isData },
  signal: { expected: 'an AbortSignal', fits: (value) => value instanceof AbortSignal },
  texts: {
    expected: 'a list of connection strings',
    fits: (value) => Array.isArray(value) && value.every((text) => typeof text === 'string'),
  },
  readable: { expected: 'a readable stream', fits: (value) => hasMethod(value, 'on') },
  writable: { expected: 'a writable stream', fits: (value) => hasMethod(value, 'write') },
  oneOf: (names: readonly string[]): Kind => ({
    expected: `one of ${names.join(', ')}`,
    fits: (value) => typeof value === 'string' && names.includes(value),
  }),
  or: (kind: Kind, other: unknown): Kind => ({
    expected: `${kind.expected}, or ${String(other)}`,
    fits: (value) => value === other || kind.fits(value),
  }),
} satisfies Record<string, Kind | ((...of: never[]) => Kind)>;

function hasMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null)?.[name] === 'function';
}

/**
 * Checks the options of a program, which may have no types. Otherwise a misspelt option, or one of another kind, would
 * silently become its default. An undefined option counts as not given.
 *
 * @throws UsageError `BAD_OPTIONS`, which names the option and what it must be
 */
export function checkFields(
  of: string,
  options: object,
  kinds: Readonly<Record<string, Kind>>,
): void {
  if (!isData(options)) throw refuse(`${of} takes an object of options, got ${showKind(options)}`);
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      throw refuse(`unknown option \`${name}\`; known: ${Object.keys(kinds).join(', ')}`);
    }
    if (value !== undefined && !kind.fits(value)) {
      throw refuse(`${name} must be ${kind.expected}, got ${showKind(value)}`);
    }
  }
}

/** Checks one argument. `name`: the argument and its function, for messages. Throws UsageError `BAD_OPTIONS`. */
export function checkArgument(name: string, value: unknown, { expected, fits }: Kind): void {
  if (!fits(value)) throw refuse(`${name} must be ${expected}, got ${showKind(value)}`);
}

/**
 * Describes a value by its kind. Never returns a text itself: it may be a connection string that contains a password.
 */
export function showKind(value: unknown): string {
  if (value === '') return 'an empty text';
  if (typeof value === 'string') return 'a text';
  if (Array.isArray(value)) return showList(value);
  if (typeof value === 'object' && value !== null) return showObject(value);
  return typeof value === 'function' ? 'a function' : String(value);
}

function showList(list: readonly unknown[]): string {
  if (list.length === 0) return 'an empty list';
  return `a list that holds ${listFew(list.map(showNested))}`;
}

function showNested(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? nameObject(value) : showKind(value);
}

function showObject(value: object): string {
  if (!isPlain(value)) return nameObject(value);
  const fields = Object.entries(value);
  if (fields.length === 0) return 'an empty object';
  return `an object with ${listFew(fields.map(([name, it]) => `${cut(name)}: ${showNested(it)}`))}`;
}

/** Names an object: by its class if it has one. */
function nameObject(value: object): string {
  const { name } = (value.constructor ?? Object) as { name?: unknown };
  return isPlain(value) || typeof name !== 'string' || name === '' ? 'an object' : `a ${name}`;
}

function isPlain(value: object): boolean {
  return value.constructor === undefined || value.constructor === Object;
}

const FEW = 8;
const LONGEST_NAME = 40;

function cut(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}...` : name;
}

function listFew(texts: readonly string[]): string {
  const different = [...new Set(texts)];
  const more = different.length > FEW ? ` and ${different.length - FEW} more` : '';
  return different.slice(0, FEW).join(', ') + more;
}

function refuse(message: string): UsageError {
  return new UsageError('BAD_OPTIONS', message);
}
