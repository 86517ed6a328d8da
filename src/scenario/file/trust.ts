import type { Variant } from '../plan/variants.ts';
import { HARMLESS_PGBOUNCER, HARMLESS_POSTGRES } from '../problems/harmless-settings.ts';
import { quoteStatement } from '../quote-statement.ts';
import type { Scenario } from '../schema/schema.ts';

/**
 * Returns the paths of the commands that events run, such as `events[0].command`. Each is listed once, with its text, so
 * that another command at the same place is another one.
 */
export function findCommands(variants: readonly Pick<Variant, 'scenario'>[]): string[] {
  const commands = variants.flatMap(({ scenario: { events = [] } }) =>
    events.flatMap((event, index) =>
      event.do === 'exec' ? [`events[${index}].command ${quoteStatement(event.command)}`] : [],
    ),
  );
  return [...new Set(commands)];
}

/**
 * Returns the paths of the lab's settings that are not known to be harmless, such as
 * `lab.postgres.settings.archive_command`. Each is listed once, even if several variants have it. Case is ignored, as
 * in PostgreSQL and PgBouncer.
 */
export function findUntrusted(variants: readonly Pick<Variant, 'scenario'>[]): string[] {
  return [...new Set(variants.flatMap(({ scenario }) => listUntrusted(scenario)))];
}

function listUntrusted({ lab }: Scenario): string[] {
  return [
    ...listOutside(HARMLESS_POSTGRES, 'lab.postgres.settings', lab?.postgres?.settings),
    ...listOutside(HARMLESS_PGBOUNCER, 'lab.pgbouncer.settings', lab?.pgbouncer?.settings),
  ];
}

function listOutside(harmless: ReadonlySet<string>, path: string, settings: object = {}): string[] {
  return Object.keys(settings)
    .filter((name) => !harmless.has(name.toLowerCase()))
    .map((name) => `${path}.${name}`);
}
