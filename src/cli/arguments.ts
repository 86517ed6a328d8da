import type { CommandArgs } from '../commands/command.ts';

/** A mark before a text that yargs must not interpret. No argument of a process can contain this character. */
const MARK = '\0';
/** A switch that ends the values of a flag with several values. */
export const FENCE = 'arguments-follow';

/**
 * Returns the arguments for yargs. yargs drops `-` and ignores everything after `--`, so these are marked as plain
 * text. `restoreArguments` removes the marks.
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

/** Removes the marks from what yargs parsed. Of a switch that is given several times, the last value is used. */
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
