/** Where a field is: names of map fields and indexes of list entries, from the root down. */
export type FieldPath = readonly (string | number)[];

/** As people write it: `load.stages[0].target`. */
export function renderPath(path: FieldPath): string {
  return path
    .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${segment}`))
    .join('')
    .replace(/^\./, '');
}

/** Three digits are more than any list may have entries; more would only cost memory. */
const SEGMENT = /^([^.[\]]+)((?:\[\d{1,3}\])*)$/;

/** Scenarios nest five deep, and their longest path has some 60 characters. */
const LONGEST_PATH = 200;

/** The reverse of `renderPath`, with `load.stages.0.target` allowed too; undefined where `text` is no path. */
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

/** What `data` has at `path`; undefined where it has nothing there. */
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
