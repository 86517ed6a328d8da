import { z } from 'zod';
import { isBlockMap } from '../schema/load-schema.ts';
import { type FieldPath, valueAt } from './field-path.ts';

/** The names a map at `path` may have, in the schema's order; `data` decides between the kinds of a union. */
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

/** The values by which a union tells its kinds apart. */
export function listChoices(union: z.ZodDiscriminatedUnion, discriminator: string): string[] {
  return union.options.flatMap((option) => {
    const choice = option instanceof z.ZodObject ? option.shape[discriminator] : undefined;
    return choice instanceof z.ZodLiteral ? [...choice.values].map(String) : [];
  });
}

/** What is inside of optional fields and fields with a default. */
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
    // One block of load, or a map of them.
    const record = schema.options.find((option) => option instanceof z.ZodRecord);
    if (record !== undefined && isBlockMap(data)) return record;
    const block = schema.options.find((option) => option instanceof z.ZodDiscriminatedUnion);
    if (block !== undefined) return pickOption(block, data);
    // A duration, or a map: there is one kind of map.
    return schema.options.find((option) => option instanceof z.ZodObject);
  }
  const { discriminator } = schema.def;
  const chosen = valueAt(data, [discriminator]);
  return schema.options.find(
    (option) =>
      option instanceof z.ZodObject && option.shape[discriminator]?.safeParse(chosen).success,
  );
}
