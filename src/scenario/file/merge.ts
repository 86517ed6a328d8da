type DataMap = Record<string, unknown>;

/** Merges `over` into `base` without changing either: maps merge deeply; lists, values and null replace. */
export function mergeData(base: unknown, over: unknown): unknown {
  if (!isDataMap(base) || !isDataMap(over)) return over;
  const merged = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(over)) {
    merged.set(name, merged.has(name) ? mergeData(merged.get(name), value) : value);
  }
  return Object.fromEntries(merged);
}

export function isDataMap(value: unknown): value is DataMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
