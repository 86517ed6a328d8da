import { escapeControls } from '../controls.ts';
import { ConnstormError, UsageError } from '../errors.ts';
import { checkLabSettings } from '../lab/check-lab.ts';
import { blameVariant } from '../run/blame-variant.ts';
import type { LoadedScenario } from '../scenario/file/read.ts';
import { findCommands, findUntrusted } from '../scenario/file/trust.ts';
import { noteHeld, planHold } from '../scenario/plan/hold.ts';
import { isSearch } from '../scenario/plan/quick.ts';
import type { Command } from './command.ts';
import { refuseConnectionString } from './input/misplaced-target.ts';
import { nameScenario, openScenarios } from './input/standard-input.ts';

export const validate: Command = {
  usage: 'validate <file..>',
  summary: 'Check scenario files',
  options: (yargs) =>
    yargs.positional('file', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Scenario files (YAML or JSON), names of built-in ones, or - for standard input.',
    }),
  async execute(args, io) {
    const problems: string[] = [];
    const files = [args.file].flat().map(String);
    for (const file of files) refuseConnectionString(file, 'a scenario');
    const read = await openScenarios(files, io);
    for (const file of files) {
      const shownAs = escapeControls(nameScenario(file));
      try {
        const loaded = read(file);
        checkLabs(loaded);
        io.stdout.write(`${shownAs}: ${describe(loaded)}\n`);
      } catch (error) {
        if (!(error instanceof ConnstormError) || error.exit !== 'usage') throw error;
        problems.push(...placeProblems(error, shownAs));
      }
    }
    if (problems.length > 0) throw new UsageError('SCENARIO_INVALID', problems.join('\n'));
    return [];
  },
};

/** Throws UsageError for settings that a lab cannot be started with. */
function checkLabs({ variants }: LoadedScenario): void {
  for (const { name, scenario } of variants) {
    blameVariant(name, () => checkLabSettings(scenario.lab));
  }
}

/** Describes a valid file. `run` may still need consent for some of its settings. */
function describe({ variants, trusted = [] }: LoadedScenario): string {
  const commands = findCommands(variants, trusted);
  const settings = [...findUntrusted(variants, trusted), ...commands.map(({ path }) => path)];
  const trust =
    settings.length === 0 ? '' : `, but run needs --trust-scenario for ${settings.join(', ')}`;
  return [`ok${trust}`, ...listHeld(variants)].join('; ');
}

/** Returns notes about searches that hold their connections, each note once. */
function listHeld(variants: LoadedScenario['variants']): string[] {
  const notes = variants.flatMap(({ scenario }) =>
    isSearch(scenario) ? (noteHeld(planHold(scenario.connection.hold)) ?? []) : [],
  );
  return [...new Set(notes)];
}

/**
 * Makes every line begin with `file:line:column`, as editors and CI services expect. A problem of the whole file, such
 * as a missing file, is placed at its beginning.
 */
function placeProblems({ code, message }: ConnstormError, file: string): string[] {
  const lines = message.split('\n');
  if (code !== 'SCENARIO_INVALID') {
    const [first = '', ...others] = lines;
    const bare = first.startsWith(`${file} `) ? first.slice(file.length + 1) : first;
    return [bare, ...others].map((line) => `${file}:1:1 ${line}`);
  }
  return lines.map((line) => (/^\S.*:\d+:\d+ /.test(line) ? line : `${file}:1:1 ${line}`));
}
