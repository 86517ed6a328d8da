import type { Variant } from '../plan/variants.ts';
import { HARMLESS_PGBOUNCER, HARMLESS_POSTGRES } from '../problems/harmless-settings.ts';
import type { Scenario } from '../schema/schema.ts';

/**
/** A command that an event runs. */
export interface FoundCommand {
  /** Such as `events[0].command`. */
  path: string;
  command: string;
}

/** Returns the commands that events run, each once, even if several variants have it. */
export function findCommands(variants: readonly Pick<Variant, 'scenario'>[]): FoundCommand[] {
  const commands = variants.flatMap(({ scenario: { events = [] } }) =>
    events.flatMap((event, index) =>
      event.do === 'exec' ? [{ path: `events[${index}].command`, command: event.command }] : [],
    ),
  );
  return [...new Map(commands.map((found) => [nameCommand(found), found])).values()];
}

/** Returns what a command is trusted by: another command at the same place is another one. */
export function nameCommand({ path, command }: FoundCommand): string {
  return `${path} ${command}`;
}

/**
 * Returns the paths of the lab's fields that are not known to be harmless, such as `lab.postgres.bin` and
 * `lab.postgres.settings.archive_command`. Each is listed once, even if several variants have it. Case is ignored, as
 * in PostgreSQL and PgBouncer.
 */
export function findUntrusted(variants: readonly Pick<Variant, 'scenario'>[]): string[] {
  return [...new Set(variants.flatMap(({ scenario }) => listUntrusted(scenario)))];
}

function listUntrusted({ lab }: Scenario): string[] {
  return [
    ...(lab?.postgres?.bin === undefined ? [] : ['lab.postgres.bin']),
    ...listOutside(HARMLESS_POSTGRES, 'lab.postgres.settings', lab?.postgres?.settings),
    ...listOutside(HARMLESS_PGBOUNCER, 'lab.pgbouncer.settings', lab?.pgbouncer?.settings),
  ];
}

function listOutside(harmless: ReadonlySet<string>, path: string, settings: object = {}): string[] {
  return Object.keys(settings)
    .filter((name) => !harmless.has(name.toLowerCase()))
    .map((name) => `${path}.${name}`);
}
