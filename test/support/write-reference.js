// @ts-check

import { readFileSync, writeFileSync } from 'node:fs';
import { updateReference } from './reference.js';

/** `npm run reference`: brings the README's reference of a scenario's fields up to date. */

// By name at run time: dist is not there when the types are checked.
const module = new URL('../../dist/scenario/json-schema.js', import.meta.url).href;
/** @type {typeof import('../../src/scenario/json-schema.ts')} */
const { buildJsonSchema } = await import(module);
const path = new URL('../../README.md', import.meta.url);
writeFileSync(path, updateReference(readFileSync(path, 'utf8'), buildJsonSchema()));
