import type { Settings } from './check-settings.ts';
import { countServerConnections, type PoolerOptions } from './pgbouncer/pgbouncer-ini.ts';
import { renderSettings } from './postgres/settings.ts';

/** A scenario's settings for its lab. */
interface LabWish {
  postgres?: { settings?: Settings };
  pgbouncer?: PoolerOptions;
}

/**
 * Checks the lab's settings of a scenario.
 *
 * @throws UsageError for settings that the lab refuses, such as those that it makes itself
 */
export function checkLabSettings({ postgres, pgbouncer }: LabWish = {}): void {
  renderSettings(postgres?.settings ?? {});
  countServerConnections(pgbouncer);
}
