import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ENVIRONMENT } from '../src/commands/output/environment.ts';
import * as errors from '../src/errors.ts';
import { buildJsonSchema } from '../src/scenario/schema/json-schema.ts';
import { updateReference } from './support/reference/reference.js';
import { updateTables } from './support/reference/reference-tables.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it("the README's reference of a scenario's fields is current: else `npm run reference`", () => {
  expect(updateReference(readme, buildJsonSchema())).toBe(readme);
});

it('its tables of exit codes and variables are: else `npm run reference`', () => {
  expect(updateTables(readme, errors, ENVIRONMENT)).toBe(readme);
});
