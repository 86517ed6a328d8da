// @ts-check

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Imports a module of a built checkout. It may lie deeper in its folder in one checkout than in another.
 *
 * @param {string} dist @param {string} file The folder below `dist` and the file's name: `load/event-ring.js`.
 * @returns {Promise<any>} Throws where there is not exactly one.
 */
export async function loadModule(dist, file) {
  const [folder = '', name] = file.includes('/') ? file.split('/') : ['.', file];
  const listed = readdirSync(join(dist, folder), {
    withFileTypes: true,
    recursive: folder !== '.',
  });
  const [found, another] = listed.filter((entry) => entry.isFile() && entry.name === name);
  if (found === undefined || another !== undefined) {
    throw new Error(`${dist} has ${found === undefined ? 'no' : 'more than one'} ${file}`);
  }
  return await import(pathToFileURL(join(found.parentPath, found.name)).href);
}
