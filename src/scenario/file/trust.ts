import type { Variant } from '../plan/variants.ts';
import { HARMLESS_PGBOUNCER, HARMLESS_POSTGRES } from '../problems/harmless-settings.ts';
import type { Scenario } from '../schema/schema.ts';

/**
 * The paths of the lab's settings that are not known to be harmless, such as `lab.postgres.settings.archive_command`.
 * Each is listed once, however many variants have it. Names count in any case, as both programs read them.
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
