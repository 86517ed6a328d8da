// @ts-check

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Compiles one of the C files beside this one.
 *
 * @param {string} file @param {string} program Where the program goes.
 * @returns {string | null} Why there is none; null where there is one now.
 */
export function compile(file, program) {
  if (process.platform !== 'linux') return 'needs Linux';
  const source = fileURLToPath(new URL(file, import.meta.url));
  const { error, status } = spawnSync('cc', ['-O2', '-o', program, source], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error !== undefined) return 'no C compiler (cc) here';
  return status === 0 ? null : `cc did not compile ${file}`;
}
