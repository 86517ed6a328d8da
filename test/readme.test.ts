import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ENVIRONMENT } from '../src/commands/environment.ts';
import * as errors from '../src/errors.ts';
import { buildJsonSchema } from '../src/scenario/json-schema.ts';
import { updateReference } from './support/reference.js';
import { updateTables } from './support/reference-tables.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it("the README's reference of a scenario's fields is current: else `npm run reference`", () => {
  expect(updateReference(readme, buildJsonSchema())).toBe(readme);
});

it('its tables of exit codes and variables are: else `npm run reference`', () => {
  expect(updateTables(readme, errors, ENVIRONMENT)).toBe(readme);
});
