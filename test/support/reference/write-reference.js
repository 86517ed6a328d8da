// @ts-check

import { readFileSync, writeFileSync } from 'node:fs';
import { readSources } from './built-sources.js';
import { renderPages, updatePage } from './pages.js';

/** `npm run reference`: brings the generated parts of the docs up to date. */

for (const [path, parts] of Object.entries(renderPages(await readSources()))) {
  const page = new URL(`../../../${path}`, import.meta.url);
  writeFileSync(page, updatePage(readFileSync(page, 'utf8'), parts));
}
