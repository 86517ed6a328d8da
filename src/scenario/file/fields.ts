import { z } from 'zod';
import { isBlockMap } from '../schema/load-schema.ts';
import { type FieldPath, valueAt } from './field-path.ts';

/**
 * Returns the names that a map at `path` may have, in the schema's order. `data` decides between the options of a
 * union.
 */
export function listFields(schema: z.core.$ZodType, path: FieldPath, data: unknown): string[] {
  let current = unwrap(schema);
  path.forEach((segment, depth) => {
    const map = pickOption(current, valueAt(data, path.slice(0, depth)));
    if (map instanceof z.ZodObject) current = unwrap(map.shape[segment]);
    else if (map instanceof z.ZodArray) current = unwrap(map.element);
    else if (map instanceof z.ZodRecord) current = unwrap(map.valueType);
  });
  const map = pickOption(current, valueAt(data, path));
  return map instanceof z.ZodObject ? Object.keys(map.shape) : [];
}

/** Returns the values by which a union tells its options apart. */
export function listChoices(union: z.ZodDiscriminatedUnion, discriminator: string): string[] {
  return union.options.flatMap((option) => {
    const choice = option instanceof z.ZodObject ? option.shape[discriminator] : undefined;
    return choice instanceof z.ZodLiteral ? [...choice.values].map(String) : [];
  });
}

/** Returns the schema inside an optional field or a field with a default. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let current = schema;
  while (
    current instanceof z.ZodDefault ||
    current instanceof z.ZodPrefault ||
    current instanceof z.ZodExactOptional
  ) {
    current = current.unwrap();
  }
  return current;
}

function pickOption(schema: z.core.$ZodType, data: unknown): z.core.$ZodType | undefined {
  if (!(schema instanceof z.ZodUnion)) return schema;
  if (!(schema instanceof z.ZodDiscriminatedUnion)) {
    // A load: one block, or a map of blocks.
    const record = schema.options.find((option) => option instanceof z.ZodRecord);
    if (record !== undefined && isBlockMap(data)) return record;
    const block = schema.options.find((option) => option instanceof z.ZodDiscriminatedUnion);
    if (block !== undefined) return pickOption(block, data);
    // A duration or a map: only one option is a map.
    return schema.options.find((option) => option instanceof z.ZodObject);
  }
  const { discriminator } = schema.def;
  const chosen = valueAt(data, [discriminator]);
  return schema.options.find(
    (option) =>
      option instanceof z.ZodObject && option.shape[discriminator]?.safeParse(chosen).success,
  );
}
