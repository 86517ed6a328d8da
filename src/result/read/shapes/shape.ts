/**
 * A check of data that came from a file. It returns undefined for a sound value. For any other value it returns what is
 * wrong, after the path from the value down: `.counts.due must be a whole number from 0, got -1`.
 */
export type Check = (value: unknown) => string | undefined;

/** Checks by field of T. A name that T does not have is a compile error. */
type ChecksOf<T> = Partial<Record<keyof T, Check>>;

/**
 * Returns a check of a map with at least the `required` fields. Fields that are not named are not checked; a newer
 * connstorm may add some.
 */
export function map<T>(required: ChecksOf<T>, optional: ChecksOf<T> = {}): Check {
  const checks = [
    ...listChecks(required, (check) => check),
    ...listChecks(optional, (check) => (value) => (value === undefined ? undefined : check(value))),
  ];
  return (value) => {
    if (!isMap(value)) return refuse('a map of fields', value);
    for (const [name, check] of checks) {
      const fault = check(Object.hasOwn(value, name) ? value[name] : undefined);
      if (fault !== undefined) return `.${name}${fault}`;
    }
    return undefined;
  };
}

function listChecks(checks: object, wrap: (check: Check) => Check): [string, Check][] {
  return Object.entries(checks as Record<string, Check>).map(([name, check]) => [
    name,
    wrap(check),
  ]);
}

/** Returns a check of a map from names to values. `checkName` returns what is wrong with a name. */
export function mapOf(check: Check, checkName: Check = () => undefined): Check {
  return (value) => {
    if (!isMap(value)) return refuse('a map of names to values', value);
    for (const [name, entry] of Object.entries(value)) {
      const fault = checkName(name) ?? check(entry);
      if (fault !== undefined) return `.${name}${fault}`;
    }
    return undefined;
  };
}

/** More entries than any run writes into one list of a line. */
export const MANY = 100_000;

export function listOf(
  check: Check,
  { atLeast = 0, atMost = Number.POSITIVE_INFINITY } = {},
): Check {
  return (value) => {
    if (!Array.isArray(value)) return refuse('a list', value);
    const { length } = value;
    if (length < atLeast) return ` must have at least ${atLeast} entries, got ${length}`;
    if (length > atMost) return ` must have at most ${atMost} entries, got ${length}`;
    for (const [index, entry] of value.entries()) {
      const fault = check(entry);
      if (fault !== undefined) return `[${index}]${fault}`;
    }
    return undefined;
  };
}

/** Returns a check that applies all of the given ones in order, until one finds a fault. */
export function all(...checks: readonly Check[]): Check {
  return (value) => {
    for (const check of checks) {
      const fault = check(value);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

export function orNull(check: Check): Check {
  return (value) => (value === null ? undefined : check(value));
}

export const text: Check = (value) =>
  typeof value === 'string' ? undefined : refuse('text', value);

export const flag: Check = (value) =>
  typeof value === 'boolean' ? undefined : refuse('true or false', value);

/** A number of things, or a time in whole microseconds. */
export const count: Check = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0
    ? undefined
    : refuse('a whole number from 0', value);

/** Checks a map that holds a count for each of the names, which are separated by spaces. */
export function counts(names: string): Check {
  return map<Record<string, number>>(
    Object.fromEntries(names.split(' ').map((name) => [name, count] as const)),
  );
}

/** A number of things that is at least one. */
export const positive: Check = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 1
    ? undefined
    : refuse('a whole number from 1', value);

/** A time, a rate or a share. */
export const amount: Check = (value) =>
  isNumber(value) && value >= 0 ? undefined : refuse('a number from 0', value);

const MOST_BACK_US = 10_000_000;

/**
 * A time since the start, or the difference of two readings. It may be a little below 0, because clocks and counters
 * may go back.
 */
export const difference: Check = (value) =>
  isNumber(value) && value >= -MOST_BACK_US
    ? undefined
    : refuse(`a number from -${MOST_BACK_US}`, value);

/** A share computed from such differences. */
export const differenceShare: Check = (value) =>
  isNumber(value) && value >= -1 ? undefined : refuse('a number from -1', value);

/** Any finite number. It is for differences and for values with a number that means "not known". */
export const number: Check = (value) => (isNumber(value) ? undefined : refuse('a number', value));

export function oneOf(known: readonly string[]): Check {
  return (value) =>
    typeof value === 'string' && known.includes(value)
      ? undefined
      : refuse(`one of ${known.join(', ')}`, value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SHOWN_CHARACTERS = 40;

/** Longest part of a fault, in characters, that messages show. */
export const LONGEST_FAULT = 200;

export function refuse(expected: string, got: unknown): string {
  if (got === undefined) return ` is missing: it must be ${expected}`;
  const shown = typeof got === 'object' && got !== null ? nameKind(got) : JSON.stringify(got);
  const short = shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}...` : shown;
  return ` must be ${expected}, got ${short}`;
}

function nameKind(value: object): string {
  return Array.isArray(value) ? 'a list' : 'a map';
}
