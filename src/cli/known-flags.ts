import { UsageError } from '../errors.ts';
import { suggestNearest } from '../scenario/nearest.ts';
import { suggestOwnFlag } from './foreign-flags.ts';

/** A flag of a command, as its help shows it. */
export interface KnownFlag {
  /** The name without dashes. */
  name: string;
  /** The short form without a dash; undefined if there is none. */
  letter: string | undefined;
  /** Whether the flag takes no value. */
  isSwitch: boolean;
}

/** Returns the flags in a help text whose lines are not wrapped: `  -h, --help  Show help  [boolean]`. */
export function listKnownFlags(help: string): KnownFlag[] {
  return help.split('\n').flatMap((line) => {
    const [, letter, name] = /^ +(?:-(\w), )?--([\w-]+)/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, letter, isSwitch: line.includes('[boolean]') }];
  });
}

/**
 * Checks the values of switches, because yargs takes `--json=yes` for false.
 * @throws UsageError for a switch that is given a value other than true and false
 */
export function refuseSwitchValues(argv: readonly string[], known: readonly KnownFlag[]): void {
  for (const text of argv) {
    if (text === '--') return;
    const [, name, value = ''] = /^--([\w-]+)=(.*)$/s.exec(text) ?? [];
    const isSwitch = known.some((flag) => flag.name === name && flag.isSwitch);
    if (!isSwitch || value === 'true' || value === 'false') continue;
    throw new UsageError('BAD_FLAG', `--${name} takes no value, got ${JSON.stringify(value)}`);
  }
}

/** Returns what yargs found wrong with a command line, in a sentence for people. */
export function rephrase(
  message: string,
  argv: readonly string[],
  known: readonly KnownFlag[],
): string {
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)?.[1]?.split(', ') ?? [];
  const separator = argv.indexOf('--');
  const before = separator < 0 ? argv : argv.slice(0, separator);
  const flag = before.find((text) => isFlagOf(text, unknown));
  if (flag !== undefined) return describeUnknown(nameFlag(flag), known);
  if (unknown.length > 0) return `one argument too many: ${quoteEach(unknown)}`;
  const valueless = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (valueless !== undefined) return `--${valueless} needs a value`;
  if (message.startsWith('Not enough non-option arguments')) {
    // yargs took the file for the value of an unknown flag.
    const stranger = before.find((text) => isUnknownFlag(text, known));
    return stranger === undefined
      ? 'name at least one file'
      : describeUnknown(nameFlag(stranger), known);
  }
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function isFlagOf(text: string, names: readonly string[]): boolean {
  return /^-./.test(text) && names.some((name) => name !== '' && text.includes(name));
}

function isUnknownFlag(text: string, known: readonly KnownFlag[]): boolean {
  const letter = /^-([^-])/.exec(text)?.[1];
  if (letter !== undefined) return !known.some((flag) => flag.letter === letter);
  const name = /^--([\w-]+)/.exec(text)?.[1];
  return name !== undefined && !known.some((flag) => flag.name === name);
}

/** Returns a flag without its value, which may be a secret: `-Wsecret` becomes `-W`. */
function nameFlag(flag: string): string {
  return /^-[^-]/.test(flag) ? flag.slice(0, 2) : flag.replace(/=.*$/s, '');
}

function describeUnknown(flag: string, known: readonly KnownFlag[]): string {
  const names = known.map(({ name }) => name);
  const negated = /^--no-(.*)$/.exec(flag)?.[1];
  if (negated !== undefined && names.includes(negated)) {
    return `unknown flag ${flag}; leave --${negated} out instead`;
  }
  const advice =
    suggestOwnFlag(flag, names) ??
    suggestNearest(flag.replace(/^-+/, ''), names).replace('`', '`--');
  return `unknown flag ${flag}${advice}`;
}

function quoteEach(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(', ');
}
