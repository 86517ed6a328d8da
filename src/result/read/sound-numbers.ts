/** Real records nest eight levels deep. */
const MAX_DEPTH = 32;

/**
 * Returns what is wrong with any number of a record, in whatever field, beginning with its path; undefined if all are
 * sound. JSON has no NaN, but 1e999 is read as Infinity. Sums beyond 2^53 are no longer exact.
 */
export function findUnsoundNumber(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'number') {
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? undefined : ' is too large';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return ' is nested too deeply';
  const isList = Array.isArray(value);
  for (const name in value) {
    const fault = findUnsoundNumber((value as Record<string, unknown>)[name], depth + 1);
    if (fault !== undefined) return isList ? `[${name}]${fault}` : `.${name}${fault}`;
  }
  return undefined;
}
