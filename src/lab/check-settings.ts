import { UsageError } from '../errors.ts';

/** Values of a configuration file by name. */
export type Settings = Record<string, string | number | boolean>;

/** A file of lines `name = value`, whose names are in lower case. */
export interface SettingsFile {
  /** For people, e.g. `postgresql.conf`. */
  file: string;
  /** One of its names. */
  example: string;
  /** Names that the lab must know the value of. */
  own: ReadonlySet<string>;
}

/**
 * The settings as they may be written into the file.
 *
 * @throws UsageError for a name that cannot be a setting's or is the lab's own, and for a value of several lines
 */
export function checkSettings(settings: Settings, into: SettingsFile): Settings {
  return Object.fromEntries(Object.entries(settings).map((entry) => checkSetting(entry, into)));
}

function checkSetting(
  [name, value]: [string, Settings[string]],
  { file, example, own }: SettingsFile,
): [string, Settings[string]] {
  const known = name.toLowerCase();
  if (!/^[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)?$/.test(known)) {
    refuse(name, `must be a name of ${file}, e.g. ${example}`);
  }
  if (own.has(known)) refuse(name, 'is set by the lab itself and cannot be changed');
  checkOneLine(name, String(value));
  return [known, value];
}

/** The text itself. Throws UsageError where it has control characters. */
export function checkOneLine(name: string, text: string): string {
  if (/\p{Cc}/u.test(text)) refuse(name, 'must have a value in one line');
  return text;
}

function refuse(name: string, why: string): never {
  throw new UsageError('LAB_SETTINGS', `lab setting ${JSON.stringify(name)} ${why}`);
}

/** What starts with the lab's own settings fails with others because of them: a start's error, told so. */
export function blameSettings(error: unknown, settings: Settings = {}): unknown {
  const names = Object.keys(settings);
  if (names.length === 0 || !(error instanceof Error) || error instanceof UsageError) return error;
  const message = `settings ${names.join(', ')}: ${error.message}`;
  return new UsageError('LAB_SETTINGS', message, { cause: error });
}
