import { randomBytes } from 'node:crypto';

/** Longest application_name that PostgreSQL keeps (NAMEDATALEN - 1), in bytes. */
const LONGEST_NAME = 63;
const MARK_BYTES = 6;
/** Characters that PostgreSQL keeps as they are in an application_name. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Creates the mark of one run: the end of the application_name of its sessions, such as `/c5x0a1f29b3d`. */
export function createMark(): string {
  return `/${randomBytes(MARK_BYTES).toString('hex')}`;
}

/** Returns an application_name that the server keeps whole and that ends with the mark. */
export function markName(applicationName: string, mark: string): string {
  const isPlain = PLAIN.test(applicationName);
  return `${isPlain ? applicationName.slice(0, LONGEST_NAME - mark.length) : 'connstorm'}${mark}`;
}
