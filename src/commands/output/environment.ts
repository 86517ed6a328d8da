import { wrapText } from '../../report/text/text.ts';
import { findNearest, suggestNearest } from '../../scenario/nearest.ts';
import { LIBPQ_VARIABLES } from '../../targets/naming/sources/environment.ts';

/** The variables that connstorm follows, and what each does: help, the README and the check of misspelt names read this. */
export const ENVIRONMENT = {
  CONNSTORM_TARGET: 'The target, where no --target is given.',
  CONNSTORM_RATE: 'As --rate. A flag outranks its variable, a variable the scenario file.',
  CONNSTORM_DURATION: 'As --duration.',
  CONNSTORM_WORKERS: 'As --workers.',
  CONNSTORM_REPEAT: 'As --repeat.',
  CONNSTORM_SEED: 'As --seed.',
  CONNSTORM_DRIVER: 'As --driver.',
  CONNSTORM_YES: '1 allows targets that are not on this machine, as --yes does.',
  CONNSTORM_DEBUG: '1 shows where in the code an internal error happened.',
  'PGHOST, PGPORT, PGUSER, ...':
    "libpq's variables: they fill in what the target leaves open, and PGHOST names one by itself.",
  'PGPASSWORD, PGPASSFILE':
    'The password, or a file of passwords (~/.pgpass): other users of this machine cannot see them, but they see --target.',
  NO_COLOR: 'Any value: no colours.',
  FORCE_COLOR: '1: colours in files and pipes too; 0: no colours. It outranks NO_COLOR.',
} as const satisfies Record<string, string>;

const PREFIX = 'CONNSTORM_';

/** For the end of a help text. */
export function renderEnvironment(columns: number): string {
  return ['Environment variables:', ...renderRows(Object.entries(ENVIRONMENT), columns)].join('\n');
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

/**
 * A line for each variable that is none of connstorm's, and by its name is meant for it: it begins with its name, or nearly so, or is nearly
 * one of libpq's.
 */
export function warnOfUnknown(env: Record<string, string | undefined>): string[] {
  return Object.keys(env).flatMap((name) => warnOfOurs(name) ?? warnOfLibpqs(name) ?? []);
}

const OURS = Object.keys(ENVIRONMENT).filter((name) => name.startsWith(PREFIX));
const OURS_BARE = OURS.map((name) => name.slice(PREFIX.length));

function warnOfOurs(name: string): string | undefined {
  if (OURS.includes(name)) return undefined;
  // What all have in common says nothing of how near two are.
  const [, bare] = /^connstorm_?(.*)$/is.exec(name) ?? [];
  if (bare !== undefined) {
    return `${name} is no variable of connstorm and is ignored${suggest(bare, OURS_BARE, PREFIX)}`;
  }
  const [prefix = '', ...rest] = name.split('_');
  if (rest.length === 0 || findNearest(prefix, ['CONNSTORM']) === undefined) return undefined;
  const hint = suggest(rest.join('_'), OURS_BARE, PREFIX);
  return hint === '' ? undefined : `${name} is no variable of connstorm and is ignored${hint}`;
}

const LIBPQ = 'PG';

/** Other programs have variables that begin like libpq's: what is near none of them is theirs. */
function warnOfLibpqs(name: string): string | undefined {
  if (!name.toUpperCase().startsWith(LIBPQ) || NAMED_PG.has(name)) return undefined;
  const bare = LIBPQ_VARIABLES.map((it) => it.slice(LIBPQ.length));
  const hint = suggest(name.slice(LIBPQ.length), bare, LIBPQ);
  return hint === '' ? undefined : `${name} is no variable of libpq and is ignored${hint}`;
}

/** Libpq's, and what PostgreSQL's other programs read: https://www.postgresql.org/docs/18/app-postgres.html */
const NAMED_PG = new Set([...LIBPQ_VARIABLES, 'PGDATA', 'PGLOCALEDIR', 'PGCTLTIMEOUT', 'PGREALM']);

function suggest(bare: string, known: readonly string[], prefix: string): string {
  return suggestNearest(bare, known).replace('`', `\`${prefix}`);
}
