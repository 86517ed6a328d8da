import type { KnownFlag } from './known-flags.ts';

/** What a command line may go on with. */
export interface Vocabulary {
  commands: readonly string[];
  /** Of a command that there is. */
  listFlags(command: string): Promise<readonly KnownFlag[]>;
  listScenarios(): readonly string[];
  shells: readonly string[];
}

/**
 * Words that the current one may become. `words`: the current one alone where it is the first, else the command, the word before
 * the current one, and the current one. None where the shell knows better: values of flags and files.
 */
export async function listCandidates(
  words: readonly string[],
  { commands, listFlags, listScenarios, shells }: Vocabulary,
): Promise<string[]> {
  const [command = '', previous = '', current = ''] = words;
  const begun = words.at(-1) ?? '';
  const pick = (candidates: readonly string[]): string[] =>
    candidates.filter((candidate) => candidate.startsWith(begun));
  if (words.length < 3) return pick([...commands, 'help', '--help', '--version']);
  if (command === 'help') return pick(commands);
  // bash parts a flag from its value there.
  if (!commands.includes(command) || previous === '=' || current === '=') return [];
  const flags = await listFlags(command);
  if (flags.some(({ name, isSwitch }) => !isSwitch && previous === `--${name}`)) return [];
  if (current.startsWith('-')) return pick(flags.map(({ name }) => `--${name}`));
  if (command === 'completion') return pick(shells);
  return TAKES_SCENARIO.includes(command) ? pick(listScenarios()) : [];
}

const TAKES_SCENARIO = ['run', 'validate', 'scenarios'];
