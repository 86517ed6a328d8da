import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';

/**
 * Returns the home directory as libpq finds it: HOME, else what the system has for our account. Undefined if there is
 * neither, as in a container whose user id has no name. Then the user has no files to look for.
 */
export function locateHome(env: Environment): string | undefined {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/**
 * Returns where libpq keeps a file of the user: `unixName` in the home directory, or on Windows `windowsName` in
 * libpq's folder. Undefined if there is no such place.
 */
export function locateUserFile(
  env: Environment,
  unixName: string,
  windowsName: string,
): string | undefined {
  if (process.platform !== 'win32') {
    const home = locateHome(env);
    return home === undefined ? undefined : join(home, unixName);
  }
  const folder = env.APPDATA || locateHome(env);
  return folder === undefined ? undefined : join(folder, 'postgresql', windowsName);
}
