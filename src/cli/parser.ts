import yargs, { type Argv } from 'yargs';
import type { CommandArgs, CommandIo } from '../commands/command.ts';
import { UsageError } from '../errors.ts';
import { readVersion } from '../version.ts';
import { findWidth } from '../wrap-text.ts';
import { protectArguments, restoreArguments, restoreText } from './arguments.ts';
import { type KnownFlag, listKnownFlags, refuseSwitchValues, rephrase } from './known-flags.ts';

/** Creates a parser with what all commands share: --help, --version and the width of help. */
export function createParser(io: CommandIo): Argv {
  return (
    yargs()
      .scriptName('connstorm')
      // `rephrase` knows only the English messages.
      .detectLocale(false)
      .strict()
      .exitProcess(false)
      .fail(false)
      .parserConfiguration({ 'duplicate-arguments-array': true, 'boolean-negation': false })
      .version(readVersion())
      .describe('version', 'Show the version of connstorm.')
      .alias('version', 'v')
      .help()
      .describe('help', 'Show this help.')
      .alias('help', 'h')
      .wrap(readWidth(io))
  );
}

/** Wider lines are hard to read. */
const WIDEST_HELP = 100;

/** Returns the width of help in characters. */
export function readWidth({ stdout, env }: CommandIo): number {
  return Math.min(WIDEST_HELP, findWidth(stdout, env) ?? 80);
}

/** Returns the options; undefined if yargs has answered by itself (help, version). Throws UsageError. */
export async function parseOptions(
  declareParser: () => Argv,
  argv: string[],
  io: CommandIo,
): Promise<CommandArgs | undefined> {
  const known = await listFlagsOf(declareParser);
  refuseSwitchValues(argv, known);
  try {
    const { args, output } = await callYargs(declareParser(), protectArguments(argv));
    if (output === '') return restoreArguments(args);
    if (output === readVersion() && argv.length > 1) throw new Error(VERSION_ALONE);
    io.stdout.write(`${output}\n`);
    return undefined;
  } catch (error) {
    const fault = rephrase(restoreText((error as Error).message), argv, known);
    throw new UsageError('BAD_OPTIONS', `${fault}: see --help`, { cause: error });
  }
}

const VERSION_ALONE = '--version takes no other arguments';

/** Returns the flags that a parser's help lists. */
export async function listFlagsOf(declareParser: () => Argv): Promise<KnownFlag[]> {
  const { output: help } = await callYargs(declareParser().wrap(null), ['--help']);
  return listKnownFlags(help);
}

async function callYargs(
  parser: Argv,
  argv: string[],
): Promise<{ args: CommandArgs; output: string }> {
  let output = '';
  const args = await parser.parseAsync(argv, {}, (_error, _args, text) => {
    output = text;
  });
  return { args, output };
}
