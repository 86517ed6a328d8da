import { wrapText } from '../../report/text/text.ts';
import { suggestNearest } from '../../scenario/nearest.ts';

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

/** Those that are on or off. */
const SWITCHES: readonly string[] = [
  'CONNSTORM_YES',
  'CONNSTORM_DEBUG',
] satisfies (keyof typeof ENVIRONMENT)[];

export function isSwitchedOn(value: string | undefined): boolean {
  return value === '1';
}

/**
 * A line for each variable that is meant for connstorm by its name and is none of its variables, or says of a switch neither 1 nor 0.
 * Values are not quoted: one that went into the wrong variable may be a secret.
 */
export function warnOfVariables(env: Record<string, string | undefined>): string[] {
  const known = Object.keys(ENVIRONMENT).filter((name) => name.startsWith(PREFIX));
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith(PREFIX) && !known.includes(name),
  );
  const odd = SWITCHES.filter((name) => !['', '0', '1'].includes(env[name] ?? ''));
  return [
    ...unknown.map(
      (name) => `${name} is no variable of connstorm and is ignored${suggest(name, known)}`,
    ),
    ...odd.map((name) => `${name} must be 1 (on) or 0 (off), is neither, and is ignored`),
  ];
}

/** What all have in common says nothing of how near two are. */
function suggest(name: string, known: readonly string[]): string {
  const bare = known.map((it) => it.slice(PREFIX.length));
  return suggestNearest(name.slice(PREFIX.length), bare).replace('`', `\`${PREFIX}`);
}
