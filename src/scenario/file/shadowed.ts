import { parsePath, valueAt } from './field-path.ts';
import { isDataMap } from './merge.ts';
import type { Override, OverrideProblem } from './overrides.ts';

/**
 * Finds overrides of fields that variants set themselves. A short flag is ambiguous if any variant does so, and an
 * override has no effect if all do.
 */
export function findShadowed(data: unknown, overrides: readonly Override[]): OverrideProblem[] {
  const variants = valueAt(data, ['variants']);
  if (!isDataMap(variants)) return [];
  return overrides.flatMap((override) => {
    const path = parsePath(override.path);
    if (path === undefined || path[0] === 'variants') return [];
    const names = Object.keys(variants);
    const setting = names.filter((name) => valueAt(variants[name], path) !== undefined);
    const isIdle = setting.length === names.length && names.length > 0;
    const isAmbiguous = override.shorthand === true && setting.length > 0;
    if (!isIdle && !isAmbiguous) return [];
    return [{ override, text: describe(override, setting, isAmbiguous) }];
  });
}

function describe({ path, value }: Override, names: readonly string[], ambiguous: boolean): string {
  const [first] = names;
  const who =
    names.length === 1
      ? `variant ${first} sets ${path} itself`
      : `variants ${names.join(', ')} set ${path} themselves`;
  const why = ambiguous ? 'ambiguous' : 'has no effect';
  return `${why}: ${who}; set one, as in --set variants.${first}.${path}=${value}`;
}
