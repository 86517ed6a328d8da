import { readdirSync } from 'node:fs';

/** Where Debian's packages put Postgres, a folder a version. */
export const INSTALLED = '/usr/lib/postgresql';

/** Major versions that the lab can start. */
export function listInstalled(): string[] {
  try {
    return readdirSync(INSTALLED).filter((name) => Number(name) >= 13);
  } catch {
    return [];
  }
}
