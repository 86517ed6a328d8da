/** The path of a field: names of map fields and indexes of list entries, from the root down. */
export type FieldPath = readonly (string | number)[];

/** Renders a path as people write it: `load.stages[0].target`. */
export function renderPath(path: FieldPath): string {
  return path
    .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${segment}`))
    .join('')
    .replace(/^\./, '');
}

/** No list may have as many entries as three digits allow; more digits would only cost memory. */
const SEGMENT = /^([^.[\]]+)((?:\[\d{1,3}\])*)$/;

/** Scenarios nest five deep, and their longest path has some 60 characters. */
const LONGEST_PATH = 200;

/**
 * Parses a path as `renderPath` renders it; `load.stages.0.target` is allowed too. Returns undefined if `text` is no
 * path.
 */
export function parsePath(text: string): FieldPath | undefined {
  if (text.length > LONGEST_PATH) return undefined;
  const path: (string | number)[] = [];
  for (const part of text.split('.')) {
    const match = SEGMENT.exec(part);
    if (match === null) return undefined;
    const [, name = '', indexes = ''] = match;
    path.push(/^\d{1,3}$/.test(name) ? Number(name) : name);
    for (const [, index] of indexes.matchAll(/\[(\d+)\]/g)) path.push(Number(index));
  }
  return path;
}

export function isPrefix(prefix: FieldPath, path: FieldPath): boolean {
  return prefix.length <= path.length && prefix.every((segment, i) => segment === path[i]);
}

/** Returns what `data` has at `path`; undefined if nothing is there. */
export function valueAt(data: unknown, path: FieldPath): unknown {
  let value = data;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) {
      return undefined;
    }
    value = (value as Record<string | number, unknown>)[segment];
  }
  return value;
}
