import { describe, expect, it } from 'vitest';
import { listChoices, listFields } from '../../../src/scenario/file/fields.ts';
import { buildJsonSchema } from '../../../src/scenario/schema/json-schema.ts';
import { blockSchema } from '../../../src/scenario/schema/load-schema.ts';
import { scenarioSchema } from '../../../src/scenario/schema/schema.ts';

type Node = Record<string, unknown>;

/** Every field of a JSON Schema, by path. */
function listProperties(node: Node, path = ''): [string, Node][] {
  const properties = Object.entries((node.properties ?? {}) as Record<string, Node>);
  const options = (node.oneOf ?? []) as Node[];
  return [
    ...properties.flatMap(([name, field]): [string, Node][] => [
      [`${path}.${name}`, field],
      ...listProperties(field, `${path}.${name}`),
    ]),
    ...options.flatMap((option) => listProperties(option, path)),
    ...(node.items === undefined ? [] : listProperties(node.items as Node, `${path}[]`)),
  ];
}

describe('the JSON Schema', () => {
  const schema = buildJsonSchema();

  it('asks for what has no default, and for nothing else', () => {
    expect(schema.required).toEqual(['shows']);
    expect(schema.anyOf).toEqual([{ required: ['load'] }, { required: ['variants'] }]);
  });

  it('refuses unknown fields', () => {
    expect(schema.additionalProperties).toBe(false);
  });

  it('lets variants override parts of what may be overridden', () => {
    const { variants } = schema.properties as Record<string, Node>;
    const override = variants?.additionalProperties as Node;
    expect(Object.keys(override.properties as Node)).toEqual([
      'load',
      'connection',
      'retry',
      'stop',
      'killSwitch',
      'events',
      'probes',
      'target',
      'workers',
      'lab',
    ]);
    expect(override.additionalProperties).toBe(false);
    // A part of a load fits several kinds of load, and no field of it has to be there.
    expect(JSON.stringify(override)).not.toMatch(/"required"|"oneOf"|"default"/);
  });

  it.each(listProperties(schema))('describes %s', (_path, field) => {
    expect(field.description).toMatch(/\S/);
  });
});

describe('listFields', () => {
  it('knows the fields of maps, of list entries, and of the kind that data chooses', () => {
    const load = { executor: 'ramping-arrival-rate', stages: [{}] };
    expect(listFields(scenarioSchema, [], {})).toContain('shows');
    expect(listFields(scenarioSchema, ['load'], { load })).toContain('startRate');
    expect(listFields(scenarioSchema, ['load'], { load })).not.toContain('rate');
    expect(listFields(scenarioSchema, ['load', 'stages', 0], { load })).toEqual([
      'duration',
      'target',
    ]);
    const named = { load: { herd: { executor: 'burst' }, base: load } };
    expect(listFields(scenarioSchema, ['load', 'herd'], named)).toContain('window');
    expect(listFields(scenarioSchema, ['load', 'base'], named)).toContain('startRate');
    expect(listFields(scenarioSchema, ['lab', 'postgres'], {})).toEqual([
      'bin',
      'settings',
      'sharedBuffers',
      'hugePages',
      'auth',
      'tls',
      'forkCostMs',
      'cpus',
    ]);
  });

  it('knows none where there are none', () => {
    expect(listFields(scenarioSchema, ['shows'], {})).toEqual([]);
    expect(listFields(scenarioSchema, ['load'], { load: { executor: 'no' } })).toEqual([]);
    expect(listFields(scenarioSchema, ['nowhere', 'at', 'all'], {})).toEqual([]);
  });
});

describe('listChoices', () => {
  it('tells the executors', () => {
    expect(listChoices(blockSchema, 'executor')).toEqual([
      'constant-arrival-rate',
      'ramping-arrival-rate',
      'burst',
      'constant-clients',
      'ramping-clients',
      'saturation-search',
    ]);
  });
});
