import type { Variant } from '../plan/variants.ts';
import { HARMLESS_PGBOUNCER, HARMLESS_POSTGRES } from '../problems/harmless-settings.ts';
import type { Scenario } from '../schema/schema.ts';

/** A setting of the lab that is not known to be harmless. */
interface UntrustedSetting {
  /** Such as `lab.postgres.settings.archive_command`. */
  path: string;
  value: unknown;
}

type WithScenario = Pick<Variant, 'scenario'>;

/** A command that an event runs. */
export interface FoundCommand {
  /** Such as `events[0].command`. */
  path: string;
  command: string;
}

/**
 * Returns the commands that events run, each once, even if several variants have it.
 *
 * @param trusted names of commands that are left out, from `nameCommand`
 */
export function findCommands(
  variants: readonly WithScenario[],
  trusted: readonly string[] = [],
): FoundCommand[] {
  const commands = variants.flatMap(({ scenario: { events = [] } }) =>
    events.flatMap((event, index) =>
      event.do === 'exec' ? [{ path: `events[${index}].command`, command: event.command }] : [],
    ),
  );
  const byName = new Map(commands.map((found) => [nameCommand(found), found]));
  return [...byName].flatMap(([name, found]) => (trusted.includes(name) ? [] : [found]));
}

/** Returns the key by which a command is trusted. Another command at the same place has another key. */
export function nameCommand({ path, command }: FoundCommand): string {
  return `${path} ${command}`;
}

/**
 * Returns the paths of the lab's fields that are not known to be harmless, such as `lab.postgres.bin` and
 * `lab.postgres.settings.archive_command`. Each is listed once, even if several variants have it. Case is ignored, as
 * in PostgreSQL and PgBouncer.
 *
 * @param trusted settings that are left out, from `listForTrust`
 */
export function findUntrusted(
  variants: readonly WithScenario[],
  trusted: readonly string[] = [],
): string[] {
  const settings = variants.flatMap(({ scenario }) => listUntrusted(scenario));
  const doubted = settings.filter((setting) => !trusted.includes(nameSetting(setting)));
  return [...new Set(doubted.map(({ path }) => path))];
}

/**
 * Returns the settings that are not known to be harmless, with their values, as text. Trust in them is no trust in
 * another value of the same setting.
 */
export function listForTrust(variants: readonly WithScenario[]): string[] {
  return variants.flatMap(({ scenario }) => listUntrusted(scenario)).map(nameSetting);
}

function nameSetting({ path, value }: UntrustedSetting): string {
  return `${path}=${JSON.stringify(value)}`;
}

function listUntrusted({ lab }: Scenario): UntrustedSetting[] {
  const bin = lab?.postgres?.bin;
  return [
    ...(bin === undefined ? [] : [{ path: 'lab.postgres.bin', value: bin }]),
    ...listOutside(HARMLESS_POSTGRES, 'lab.postgres.settings', lab?.postgres?.settings),
    ...listOutside(HARMLESS_PGBOUNCER, 'lab.pgbouncer.settings', lab?.pgbouncer?.settings),
  ];
}

function listOutside(
  harmless: ReadonlySet<string>,
  path: string,
  settings: object = {},
): UntrustedSetting[] {
  return Object.entries(settings)
    .filter(([name]) => !harmless.has(name.toLowerCase()))
    .map(([name, value]) => ({ path: `${path}.${name}`, value }));
}
