import { UsageError } from '../errors.ts';

/** Values of a configuration file, by name. */
export type Settings = Record<string, string | number | boolean>;

/** A file of lines `name = value`. Names are in lower case. */
export interface SettingsFile {
  /** The file's name for messages, e.g. `postgresql.conf`. */
  file: string;
  /** The name of one of its settings, for messages. */
  example: string;
  /** Names that the lab sets itself, because it must know their values. */
  own: ReadonlySet<string>;
}

/**
 * Returns the settings in the form that may be written into the file, with names in lower case.
 *
 * @throws UsageError for a name that cannot be in the file or that the lab sets, and for a value with control
 *   characters
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

/** Returns `text` as it is. Throws UsageError if it has control characters, such as a line break. */
export function checkOneLine(name: string, text: string): string {
  if (/\p{Cc}/u.test(text)) refuse(name, 'must have a value in one line');
  return text;
}

function refuse(name: string, why: string): never {
  throw new UsageError('LAB_SETTINGS', `lab setting ${JSON.stringify(name)} ${why}`);
}

/** Returns the error of a failed start, changed to blame the settings if there are any: without them the lab starts. */
export function blameSettings(error: unknown, settings: Settings = {}): unknown {
  const names = Object.keys(settings);
  if (names.length === 0 || !(error instanceof Error) || error instanceof UsageError) return error;
  const message = `settings ${names.join(', ')}: ${error.message}`;
  return new UsageError('LAB_SETTINGS', message, { cause: error });
}
