import { wrapText } from '../../report/text/text.ts';
import { findNearest, suggestNearest } from '../../scenario/nearest.ts';
import { LIBPQ_VARIABLES } from '../../targets/naming/sources/environment.ts';

/**
 * Variables that connstorm reads, and their meanings. Help, the docs and the check of misspelt names use this table.
 */
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

/** The rule for a setting that is given in several ways. */
export const PRECEDENCE =
  'A flag takes precedence over its variable, and a variable over the scenario file';

const PREFIX = 'CONNSTORM_';

/** Renders the variables for the end of a help text. */
export function renderEnvironment(columns: number): string {
  const rows = renderRows(Object.entries(ENVIRONMENT), columns);
  return [...wrapText(`Environment variables. ${PRECEDENCE}:`, columns), ...rows].join('\n');
}

/** Renders terms in one column and their texts in another. On a narrow terminal the text is below its term. */
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

/** Variables that are on or off. */
const SWITCHES: readonly string[] = [
  'CONNSTORM_YES',
  'CONNSTORM_DEBUG',
] satisfies (keyof typeof ENVIRONMENT)[];

export function isSwitchedOn(value: string | undefined): boolean {
  return value === '1';
}

/**
 * Returns a line for each variable that seems to be meant for connstorm or libpq and is unknown to both: its name
 * begins with connstorm's, or nearly so, or is close to one of libpq's. Also returns a line for each switch whose value
 * is neither 1 nor 0. Values are not quoted: one in the wrong variable may be a secret.
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
  // The common prefix is left out, because it would make every name look similar.
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

/**
 * Warns of a misspelt variable of libpq. Other programs have variables that begin like libpq's. A name that is close to
 * none of libpq's belongs to them.
 */
function warnOfLibpqs(name: string): string | undefined {
  if (!name.toUpperCase().startsWith(LIBPQ) || NAMED_PG.has(name)) return undefined;
  const bare = LIBPQ_VARIABLES.map((it) => it.slice(LIBPQ.length));
  const hint = suggest(name.slice(LIBPQ.length), bare, LIBPQ);
  return hint === '' ? undefined : `${name} is not a variable of libpq and is ignored${hint}`;
}

/** Variables of libpq and of PostgreSQL's other programs: https://www.postgresql.org/docs/18/app-postgres.html */
const NAMED_PG = new Set([...LIBPQ_VARIABLES, 'PGDATA', 'PGLOCALEDIR', 'PGCTLTIMEOUT', 'PGREALM']);

function suggest(bare: string, known: readonly string[], prefix: string): string {
  return suggestNearest(bare, known).replace('`', `\`${prefix}`);
}
