import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';

/**
 * The home directory as libpq finds it: HOME, else what the system has for our account. Undefined where there is neither,
 * as in a container that runs under a user id without a name: then there are no files of the user's to look for.
 */
export function locateHome(env: Environment): string | undefined {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** Where libpq keeps a file of the user's: `unixName` in the home directory, on Windows `windowsName` in a folder of its own. */
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
