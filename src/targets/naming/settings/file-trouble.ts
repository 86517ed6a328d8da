/** Returns whether the error says that there is no such file. A file that we may not look for may exist. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Describes why a needed file cannot be read, and how to go on. The caller puts the file's name before it. */
export function describeUnreadable(error: unknown): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  return isForbidden
    ? `may not be read by this account (${code}): check its rights and those of its folders`
    : `cannot be read (${code}): check the path`;
}

/** What is wrong with a file of secrets that has some permission for group or others; its name comes before it. `mode` as `stat` gives it. */
export function describeOpenMode(mode: number): string {
  return `has permissions for group or others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`;
}
