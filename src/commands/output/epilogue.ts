import { EXIT_CODES, EXIT_MEANINGS } from '../../errors.ts';
import { wrapText } from '../../report/text/text.ts';
import { renderEnvironment, renderRows } from './environment.ts';

/** Renders the text below the list of commands: examples, variables and exit codes. */
export function renderEpilogue(columns: number): string {
  const codes = EXIT_MEANINGS.map(
    ({ reason, meaning }) => [String(EXIT_CODES[reason]), meaning] as const,
  );
  return [
    'connstorm help <command> shows the flags of a command.',
    EXAMPLES,
    renderEnvironment(columns),
    [
      ...wrapText('Exit codes. If several apply, the first in this list is used:', columns),
      ...renderRows([...codes, ['0', 'done, and all budgets are met']], columns),
    ].join('\n'),
    MORE,
  ].join('\n\n');
}

/** Renders the text below the flags of a command. */
export function renderCommandEpilogue(name: string): string {
  const end = 'connstorm --help lists the environment variables and the exit codes.';
  return name === 'run' ? `${EXAMPLES}\n\n${end}` : end;
}

/** Each line fits a narrow terminal. */
const EXAMPLES = `Examples:
  connstorm run saturate --quick
  connstorm run steady --target postgres://me@db.example/app`;

const MORE = 'More is in README.md and docs/ of the connstorm package.';
