/**
 * Flags of other programs (psql, pgbench, wrk, curl and others), and connstorm's flags that may be meant by them, the
 * likeliest first.
 */
const MEANINGS: Record<string, readonly string[]> = {
  '-b': ['budget'],
  '-d': ['target', 'duration'],
  '-e': ['explain'],
  '-f': ['force'],
  '-j': ['workers', 'json'],
  '-l': ['label'],
  '-n': ['dry-run'],
  '-o': ['out'],
  '-p': ['target'],
  '-q': ['quiet', 'quick'],
  '-R': ['rate'],
  '-r': ['rate'],
  '-S': ['seed'],
  '-s': ['set', 'seed'],
  '-T': ['duration'],
  '-t': ['target', 'duration'],
  '-H': ['target'],
  '-U': ['target'],
  '-u': ['target'],
  '-V': ['version'],
  '-w': ['workers'],
  '-y': ['yes'],
  '--database': ['target'],
  '--dbname': ['target'],
  '--dsn': ['target'],
  '--force': ['overwrite'],
  '--host': ['target'],
  '--jobs': ['workers'],
  '--output': ['out'],
  '--port': ['target'],
  '--silent': ['quiet'],
  '--threads': ['workers'],
  '--time': ['duration'],
  '--uri': ['target'],
  '--url': ['target'],
  '--user': ['target'],
  '--username': ['target'],
};

/** Parts of a connection string. connstorm has no flags for them. */
const PARTS_OF_TARGET: Record<string, string> = {
  '-H': 'the host',
  '--host': 'the host',
  '-p': 'the port',
  '--port': 'the port',
  '-U': 'the user',
  '-u': 'the user',
  '--user': 'the user',
  '--username': 'the user',
  '--database': 'the database',
  '--dbname': 'the database',
};

/**
 * Returns what to append to a message about an unknown `flag` that other programs have: which of the `known` flags may
 * be meant. Undefined if none fits.
 * @param flag with its dashes, without a value
 * @param known names without dashes
 */
export function suggestOwnFlag(flag: string, known: readonly string[]): string | undefined {
  const meanings = Object.hasOwn(MEANINGS, flag) ? (MEANINGS[flag] ?? []) : [];
  const own = meanings.filter((name) => known.includes(name));
  if (own.length === 0) return undefined;
  const part = Object.hasOwn(PARTS_OF_TARGET, flag) ? PARTS_OF_TARGET[flag] : undefined;
  if (part !== undefined) {
    return `; ${part} is part of \`--target\`, as in --target postgres://user@host:5432/database`;
  }
  return `; did you mean ${own.map((name) => `\`--${name}\``).join(' or ')}?`;
}
