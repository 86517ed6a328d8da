/** Records nest eight deep. */
const MAX_DEPTH = 32;

/**
 * What is wrong with any number of a record, whatever field it is in, after its path; undefined where all are sound. JSON
 * knows no NaN, but 1e999 is read as Infinity, and beyond 2^53 sums are no longer exact.
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
