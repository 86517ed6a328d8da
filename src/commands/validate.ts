import { escapeControls } from '../controls.ts';
import { UsageError } from '../errors.ts';
import { type LoadedScenario, readScenario } from '../scenario/read.ts';
import { findUntrusted } from '../scenario/trust.ts';
import type { Command } from './command.ts';

export const validate: Command = {
  usage: 'validate <file..>',
  summary: 'Check scenario files',
  options: (yargs) =>
    yargs.positional('file', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Scenario files, YAML or JSON, or built-in names',
    }),
  async execute(args, io) {
    const problems: string[] = [];
    for (const file of [args.file].flat().map(String)) {
      try {
        io.stdout.write(`${escapeControls(file)}: ${describe(readScenario(file))}\n`);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        problems.push(error.message);
      }
    }
    if (problems.length > 0) throw new UsageError('SCENARIO_INVALID', problems.join('\n'));
    return [];
  },
};

/** A sound file may still ask for more than `run` does without consent. */
function describe({ variants, trusted = [] }: LoadedScenario): string {
  const settings = findUntrusted(variants).filter((path) => !trusted.includes(path));
  return settings.length === 0
    ? 'ok'
    : `ok, but run needs --trust-scenario for ${settings.join(', ')}`;
}
