/** A field in which scenarios differ, with the value in each; undefined: the scenario does not have it. */
export interface Difference {
  path: string;
  values: (string | undefined)[];
}

/** Returns the fields in which some of the scenarios differ, in the order of the scenarios. */
export function listDifferences(specs: readonly Record<string, unknown>[]): Difference[] {
  const leaves = specs.map((spec) => new Map(listLeaves(spec, '')));
  const paths = new Set(leaves.flatMap((of) => [...of.keys()]));
  return [...paths]
    .map((path) => ({ path, values: leaves.map((of) => of.get(path)) }))
    .filter(({ values }) => new Set(values).size > 1);
}

function listLeaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    listLeaves(inner, path === '' ? name : `${path}.${name}`),
  );
}
