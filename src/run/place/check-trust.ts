import { UsageError } from '../../errors.ts';
import type { LoadedScenario } from '../../scenario/file/read.ts';
import { findCommands, findUntrusted } from '../../scenario/file/trust.ts';
import { quoteStatement } from '../../scenario/quote-statement.ts';

/**
 * Checks the lab's settings before a lab is started. A scenario is data, so each setting must be known to be harmless,
 * or come from a built-in scenario, or the user must have said that the scenario is trusted.
 *
 * @throws UsageError `SCENARIO_UNTRUSTED`, which names the settings
 */
export function checkTrust(loaded: LoadedScenario, isTrusted: boolean): void {
  if (isTrusted) return;
  const { variants, trusted = [] } = loaded;
  const settings = findUntrusted(variants, trusted);
  if (settings.length === 0) return;
  throw new UsageError('SCENARIO_UNTRUSTED', describe(settings));
}

/**
 * Checks the commands of events before anything is sent or started: a command may do whatever the user may do.
 *
 * @throws UsageError `SCENARIO_UNTRUSTED`, which names the commands
 */
export function checkCommands(loaded: LoadedScenario, isTrusted: boolean): void {
  if (isTrusted) return;
  const { variants, trusted = [] } = loaded;
  const commands = findCommands(variants, trusted);
  if (commands.length === 0) return;
  const rest = commands.length - MOST_NAMED;
  const texts = commands.map(({ path, command }) => `${path} ${quoteStatement(command)}`);
  const named = texts.slice(0, MOST_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  const it = commands.length === 1 ? 'it' : 'them';
  throw new UsageError(
    'SCENARIO_UNTRUSTED',
    `${named} would run on this machine with all your rights: leave ${it} out, or give --trust-scenario if you trust whoever wrote this`,
  );
}

const MOST_NAMED = 5;

function describe(settings: readonly string[]): string {
  const rest = settings.length - MOST_NAMED;
  const named = settings.slice(0, MOST_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  const [are, these] = settings.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return (
    `${named} ${are} not known to be harmless: such a setting can run a program or read and write files. ` +
    `Leave ${these} out, or give --trust-scenario if you trust whoever wrote this`
  );
}
