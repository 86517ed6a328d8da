// @ts-check

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Compiles a C file.
 *
 * @param {URL} source @param {string} program Where the program goes.
 * @returns {string | null} Why there is none; null where there is one now.
 */
export function compile(source, program) {
  if (process.platform !== 'linux') return 'needs Linux';
  const path = fileURLToPath(source);
  const { error, status } = spawnSync('cc', ['-O2', '-o', program, path], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error !== undefined) return 'no C compiler (cc) here';
  return status === 0 ? null : `cc did not compile ${path}`;
}
