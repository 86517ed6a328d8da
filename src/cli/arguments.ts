import type { CommandArgs } from '../commands/command.ts';

/** In front of what yargs must take as it is. No argument of a process can hold it. */
const MARK = '\0';
/** A switch behind which a flag that takes several values has ended. */
export const FENCE = 'arguments-follow';

/**
 * The arguments as yargs should get them, which drops `-` and ignores what stands behind `--`: both are kept as plain
 * text. `restoreArguments` undoes it.
 */
export function protectArguments(argv: readonly string[]): string[] {
  const separator = argv.indexOf('--');
  const isSeparated = separator >= 0;
  const before = isSeparated ? argv.slice(0, separator) : argv;
  const behind = isSeparated ? argv.slice(separator + 1) : [];
  return [
    ...before.map((text) => (text === '-' ? MARK + text : text)),
    ...(isSeparated ? [`--${FENCE}`] : []),
    ...behind.map((text) => MARK + text),
  ];
}

/** Undoes it in what yargs has made of them. A switch given twice is one. */
export function restoreArguments(args: CommandArgs): CommandArgs {
  const restored = Object.entries(args).map(([name, value]) => [name, restoreValue(value)]);
  return Object.fromEntries(restored);
}

export function restoreText(text: string): string {
  return text.replaceAll(MARK, '');
}

function restoreValue(value: unknown): unknown {
  if (typeof value === 'string') return restoreText(value);
  if (!Array.isArray(value)) return value;
  return value.length > 0 && value.every((it) => typeof it === 'boolean')
    ? value.at(-1)
    : value.map(restoreValue);
}
