import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildJsonSchema } from '../src/scenario/json-schema.ts';
import { updateReference } from './support/reference.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it("the README's reference of a scenario's fields is current: else `npm run reference`", () => {
  expect(updateReference(readme, buildJsonSchema())).toBe(readme);
});
