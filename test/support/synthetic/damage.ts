/** Damages to a result file: each field of a record in turn, in many ways. */

/** Where a field is in a record, from the record down. */
export type Place = readonly (string | number)[];

type Json = Record<string, unknown> | unknown[];

/** Every field of a record; of a list its first entry alone, as the others are alike. */
export function listPlaces(value: unknown, above: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const names = Array.isArray(value) ? (value.length > 0 ? [0] : []) : Object.keys(value);
  return names.flatMap((name) => {
    const place = [...above, name];
    return [place, ...listPlaces(readAt(value, place.slice(above.length)), place)];
  });
}

function readAt(value: unknown, place: Place): unknown {
  return place.reduce((at, name) => (at as Record<string | number, unknown>)[name], value);
}

/** What a terminal, a reader or a sum would trip over. */
export const HOSTILE_TEXT = 'x\u001b[2J\u009b31m\u202e\u0007\r\ny';

/** The values that stand in a field's place, as JSON; undefined: the field is missing. */
const VALUES: readonly (string | undefined)[] = [
  undefined,
  'null',
  'true',
  '0',
  '-1',
  '0.5',
  '1e15',
  '1e300',
  '1e999',
  '"abc"',
  '""',
  JSON.stringify(HOSTILE_TEXT),
  '"__proto__"',
  '"constructor"',
  '[]',
  '{}',
  '[null]',
  '[{}]',
  '{"a":null}',
];

/** A JSON line for every damage of one field: the field is replaced, missing, or, where it is a text, cut in half. */
export function damageAt(record: object, place: Place): string[] {
  const old = readAt(record, place);
  const half = typeof old === 'string' ? [JSON.stringify(old.slice(0, old.length / 2))] : [];
  return [...VALUES, ...half].map((value) => replaceAt(record, place, value));
}

const MARK = '@@damaged@@';

function replaceAt(record: object, place: Place, json: string | undefined): string {
  const copy = structuredClone(record);
  const parent = readAt(copy, place.slice(0, -1)) as Json;
  const name = place.at(-1) as never;
  if (json === undefined && Array.isArray(parent)) parent.splice(Number(name), 1);
  else if (json === undefined) delete parent[name];
  else parent[name] = MARK as never;
  return JSON.stringify(copy).replace(JSON.stringify(MARK), () => json ?? '');
}

/** One line of each kind in a result: of samples one by probe. As its number from 0 and the record. */
export function pickLines(lines: readonly string[]): { index: number; record: object }[] {
  const kinds = new Map<string, { index: number; record: object }>();
  for (const [index, line] of lines.entries()) {
    const record = JSON.parse(line) as { type: string; probe?: string; errors?: unknown[] };
    // An interval with errors and slow attempts has every field.
    const kind = `${record.type} ${record.probe} ${(record.errors ?? []).length > 0}`;
    if (record.type !== 'summary' && !kinds.has(kind)) kinds.set(kind, { index, record });
  }
  return [...kinds.values()];
}
