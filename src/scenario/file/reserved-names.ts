import type { FieldPath } from './field-path.ts';

/** A name that JavaScript reserves: objects silently lose a field of this name. */
export const RESERVED_NAME = '__proto__';

/** The message that a field cannot have this name. */
export const RESERVED_TEXT = `\`${RESERVED_NAME}\` cannot be used as a name`;

/** Returns the paths of all fields with that name, in data of any shape. */
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
