import type { FieldPath } from './field-path.ts';

/** JavaScript's own name for something else: objects lose a field of this name without a word. */
export const RESERVED_NAME = '__proto__';

/** Why a field cannot be named so, as it is told to people. */
export const RESERVED_TEXT = `\`${RESERVED_NAME}\` cannot be used as a name`;

/** Where data, of any shape, have fields of that name. */
export function findReservedNames(data: unknown, above: FieldPath = []): FieldPath[] {
  if (typeof data !== 'object' || data === null) return [];
  if (Array.isArray(data)) {
    return data.flatMap((entry, index) => findReservedNames(entry, [...above, index]));
  }
  return Object.entries(data).flatMap(([name, value]) => {
    const path = [...above, name];
    return name === RESERVED_NAME ? [path] : findReservedNames(value, path);
  });
}
