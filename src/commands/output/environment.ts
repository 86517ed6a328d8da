import { wrapText } from '../../report/text/text.ts';
import { suggestNearest } from '../../scenario/nearest.ts';

/** The variables that connstorm follows, and what each does: help, the docs and the check of misspelt names read this. */
export const ENVIRONMENT = {
  CONNSTORM_TARGET: 'The target, if no --target is given.',
  CONNSTORM_RATE: 'Same as --rate.',
  CONNSTORM_DURATION: 'Same as --duration.',
  CONNSTORM_WORKERS: 'Same as --workers.',
  CONNSTORM_REPEAT: 'Same as --repeat.',
  CONNSTORM_SEED: 'Same as --seed.',
  CONNSTORM_DRIVER: 'Same as --driver.',
  CONNSTORM_YES: '1 allows targets that are not on this machine, as --yes does.',
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
