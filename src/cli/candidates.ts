import type { KnownFlag } from './known-flags.ts';

/** Words that a command line can contain. */
export interface Vocabulary {
  commands: readonly string[];
  /** Returns the flags of an existing command. */
  listFlags(command: string): Promise<readonly KnownFlag[]>;
  listScenarios(): readonly string[];
  shells: readonly string[];
}

/**
 * Returns the words that the current word may become. `words`: only the current word if it is the first one; otherwise
 * the command, the word before the current one, and the current one. Returns none for values of flags and for files,
 * which the shell completes better.
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
  // bash splits a flag from its value at `=`.
  if (!commands.includes(command) || previous === '=' || current === '=') return [];
  const flags = await listFlags(command);
  if (flags.some(({ name, isSwitch }) => !isSwitch && previous === `--${name}`)) return [];
  if (current.startsWith('-')) return pick(flags.map(({ name }) => `--${name}`));
  if (command === 'completion') return pick(shells);
  return TAKES_SCENARIO.includes(command) ? pick(listScenarios()) : [];
}

const TAKES_SCENARIO = ['run', 'validate', 'scenarios'];
