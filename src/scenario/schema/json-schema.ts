import { z } from 'zod';
import { NOT_OVERRIDDEN } from '../plan/variants.ts';
import { scenarioFileSchema } from './schema.ts';

type Node = Record<string, unknown>;

/**
 * The JSON Schema (draft 2020-12) of a scenario file as people write it. What it cannot say: that every variant is
 * whole once it is merged.
 */
export function buildJsonSchema(): Node {
  const schema: Node = z.toJSONSchema(scenarioFileSchema, { io: 'input' });
  const properties = schema.properties as Record<string, Node>;
  const overridable = Object.entries(properties).filter(([name]) => !(name in NOT_OVERRIDDEN));
  const override = {
    type: 'object',
    properties: Object.fromEntries(overridable.map(([name, node]) => [name, loosen(node)])),
    additionalProperties: false,
  };
  return {
    ...schema,
    properties: {
      ...properties,
      variants: { ...properties.variants, additionalProperties: override },
    },
    required: ['shows'],
    // What all variants set need not be set for them.
    anyOf: [{ required: ['load'] }, { required: ['variants'] }],
  };
}

/** A part of a map is not required to be all of it, and may fit several kinds. */
function loosen(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(loosen);
  if (typeof node !== 'object' || node === null) return node;
  const { required: _, default: __, oneOf, ...rest } = node as Node;
  const kinds = oneOf === undefined ? {} : { anyOf: loosen(oneOf) };
  const entries = Object.entries(rest).map(([name, value]) => [name, loosen(value)]);
  return { ...Object.fromEntries(entries), ...kinds };
}
