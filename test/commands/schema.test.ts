import { expect, it } from 'vitest';
import { schema } from '../../src/commands/schema.ts';
import { captureIo } from './captured-io.ts';

it('prints a JSON Schema and ends well', async () => {
  const { io, readStdout } = captureIo();
  expect(await schema.execute({}, io)).toEqual([]);
  expect(JSON.parse(readStdout())).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    required: ['shows'],
  });
});
