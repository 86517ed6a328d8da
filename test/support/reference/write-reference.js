// @ts-check

import { readFileSync, writeFileSync } from 'node:fs';
import { updateReference } from './reference.js';
import { updateTables } from './reference-tables.js';

/** `npm run reference`: brings the README's generated parts up to date. */

// By name at run time: dist is not there when the types are checked.
const dist = new URL('../../../dist/', import.meta.url);
/** @type {typeof import('../../../src/scenario/schema/json-schema.ts')} */
const { buildJsonSchema } = await import(new URL('scenario/schema/json-schema.js', dist).href);
/** @type {typeof import('../../../src/errors.ts')} */
const errors = await import(new URL('errors.js', dist).href);
/** @type {typeof import('../../../src/commands/output/environment.ts')} */
const { ENVIRONMENT } = await import(new URL('commands/output/environment.js', dist).href);
const path = new URL('../../../README.md', import.meta.url);
const readme = updateReference(readFileSync(path, 'utf8'), buildJsonSchema());
writeFileSync(path, updateTables(readme, errors, ENVIRONMENT));
