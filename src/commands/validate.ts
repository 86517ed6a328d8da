import { UsageError } from '../errors.ts';
import { readScenario } from '../scenario/read.ts';
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
        readScenario(file);
        io.stdout.write(`${file}: ok\n`);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        problems.push(error.message);
      }
    }
    if (problems.length > 0) throw new UsageError('SCENARIO_INVALID', problems.join('\n'));
    return [];
  },
};
