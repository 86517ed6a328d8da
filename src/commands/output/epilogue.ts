import { EXIT_CODES, EXIT_MEANINGS } from '../../errors.ts';
import { renderEnvironment, renderRows } from './environment.ts';

/** What stands below the list of commands: the variables and the exit codes. */
export function renderEpilogue(columns: number): string {
  const codes = EXIT_MEANINGS.map(
    ({ reason, meaning }) => [String(EXIT_CODES[reason]), meaning] as const,
  );
  return [
    'connstorm help <command> shows the flags of a command.',
    renderEnvironment(columns),
    [
      'Exit codes; where several hold, the first of these:',
      ...renderRows([...codes, ['0', 'done, and all budgets are met']], columns),
    ].join('\n'),
  ].join('\n\n');
}
