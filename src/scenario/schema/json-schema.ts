import { z } from 'zod';
import { NOT_OVERRIDDEN } from '../plan/variants.ts';
import { scenarioFileSchema } from './schema.ts';

type Node = Record<string, unknown>;

/**
 * Builds the JSON Schema (draft 2020-12) of a scenario file as people write it. It cannot express that every variant
 * must be whole after the merge.
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
    // A field that every variant sets need not be set outside the variants.
    anyOf: [{ required: ['load'] }, { required: ['variants'] }],
  };
}

/** Loosens a schema for a variant's part of a map, which need not have all fields and may fit several options. */
function loosen(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(loosen);
  if (typeof node !== 'object' || node === null) return node;
  const { required: _, default: __, oneOf, ...rest } = node as Node;
  const kinds = oneOf === undefined ? {} : { anyOf: loosen(oneOf) };
  const entries = Object.entries(rest).map(([name, value]) => [name, loosen(value)]);
  return { ...Object.fromEntries(entries), ...kinds };
}
