import { wrapText } from '../../report/text/text.ts';
import { findNearest, suggestNearest } from '../../scenario/nearest.ts';
import { LIBPQ_VARIABLES } from '../../targets/naming/sources/environment.ts';

/** The variables that connstorm follows, and what each does: help, the docs and the check of misspelt names read this. */
export const ENVIRONMENT = {
  CONNSTORM_TARGET: 'The target, if no --target is given.',
  CONNSTORM_RATE: 'Same as --rate.',
  CONNSTORM_DURATION: 'Same as --duration.',
  CONNSTORM_WORKERS: 'Same as --workers.',
  CONNSTORM_REPEAT: 'Same as --repeat.',
  CONNSTORM_SEED: 'Same as --seed.',
  CONNSTORM_DRIVER: 'Same as --driver.',
  CONNSTORM_YES:
    '1 skips the question before a run against a target that is not on this machine, as --yes does.',
  CONNSTORM_DEBUG: '1 shows where in the code an internal error happened.',
  'PGHOST, PGPORT, PGUSER, ...':
    "libpq's variables. They supply what the target leaves out. PGHOST alone is enough to name a target.",
  'PGPASSWORD, PGPASSFILE':
    'The password, or a file of passwords (~/.pgpass). Other users of this machine cannot see these, but they can ' +
    'see --target.',
  NO_COLOR: 'With any value, output has no colours.',
  FORCE_COLOR:
    'With 1, output has colours in files and pipes too; with 0, it has none. It takes precedence over NO_COLOR.',
} as const satisfies Record<string, string>;

/** Which setting holds where several are given. */
export const PRECEDENCE =
  'A flag takes precedence over its variable, and a variable over the scenario file';

const PREFIX = 'CONNSTORM_';

/** For the end of a help text. */
export function renderEnvironment(columns: number): string {
  const rows = renderRows(Object.entries(ENVIRONMENT), columns);
  return [...wrapText(`Environment variables. ${PRECEDENCE}:`, columns), ...rows].join('\n');
}

/** Terms in one column and what is said of them in another; on a narrow terminal below. */
export function renderRows(
  rows: readonly (readonly [term: string, text: string])[],
  columns: number,
): string[] {
  const width = Math.max(...rows.map(([term]) => term.length)) + 4;
  if (columns - width < 36) {
    return rows.flatMap(([term, text]) => [`  ${term}`, ...wrapText(`    ${text}`, columns, 4)]);
  }
  return rows.flatMap(([term, text]) =>
    wrapText(text, columns - width).map((line, index) =>
      index === 0 ? `  ${term.padEnd(width - 2)}${line}` : ' '.repeat(width) + line,
    ),
  );
}

/** Those that are on or off. */
const SWITCHES: readonly string[] = [
  'CONNSTORM_YES',
  'CONNSTORM_DEBUG',
] satisfies (keyof typeof ENVIRONMENT)[];

export function isSwitchedOn(value: string | undefined): boolean {
  return value === '1';
}

/**
 * A line for each variable that is meant for connstorm or libpq by its name and is none of theirs: it begins with connstorm's name, or nearly
 * so, or is nearly one of libpq's. And a line for each switch whose value is neither 1 nor 0. Values are not quoted: one that went into the
 * wrong variable may be a secret.
 */
export function warnOfVariables(env: Record<string, string | undefined>): string[] {
  const odd = SWITCHES.filter((name) => !['', '0', '1'].includes(env[name] ?? ''));
  return [
    ...Object.keys(env).flatMap((name) => warnOfOurs(name) ?? warnOfLibpqs(name) ?? []),
    ...odd.map((name) => `${name} must be 1 (on) or 0 (off). It is neither, and is ignored`),
  ];
}

const OURS = Object.keys(ENVIRONMENT).filter((name) => name.startsWith(PREFIX));
const OURS_BARE = OURS.map((name) => name.slice(PREFIX.length));

function warnOfOurs(name: string): string | undefined {
  if (OURS.includes(name)) return undefined;
  // What all have in common says nothing of how near two are.
  const [, bare] = /^connstorm_?(.*)$/is.exec(name) ?? [];
  if (bare !== undefined) {
    return `${name} is not a variable of connstorm and is ignored${suggest(bare, OURS_BARE, PREFIX)}`;
  }
  const [prefix = '', ...rest] = name.split('_');
  if (rest.length === 0 || findNearest(prefix, ['CONNSTORM']) === undefined) return undefined;
  const hint = suggest(rest.join('_'), OURS_BARE, PREFIX);
  return hint === '' ? undefined : `${name} is not a variable of connstorm and is ignored${hint}`;
}

const LIBPQ = 'PG';

/** Other programs have variables that begin like libpq's: what is near none of them is theirs. */
function warnOfLibpqs(name: string): string | undefined {
  if (!name.toUpperCase().startsWith(LIBPQ) || NAMED_PG.has(name)) return undefined;
  const bare = LIBPQ_VARIABLES.map((it) => it.slice(LIBPQ.length));
  const hint = suggest(name.slice(LIBPQ.length), bare, LIBPQ);
  return hint === '' ? undefined : `${name} is not a variable of libpq and is ignored${hint}`;
}

/** Libpq's, and what PostgreSQL's other programs read: https://www.postgresql.org/docs/18/app-postgres.html */
const NAMED_PG = new Set([...LIBPQ_VARIABLES, 'PGDATA', 'PGLOCALEDIR', 'PGCTLTIMEOUT', 'PGREALM']);

function suggest(bare: string, known: readonly string[], prefix: string): string {
  return suggestNearest(bare, known).replace('`', `\`${prefix}`);
}
