import type { Settings } from './check-settings.ts';
import { countServerConnections, type PoolerOptions } from './pgbouncer/pgbouncer-ini.ts';
import { renderSettings } from './postgres/settings.ts';

/** What a scenario says of its lab. */
interface LabWish {
  postgres?: { settings?: Settings };
  pgbouncer?: PoolerOptions;
}

/** @throws UsageError for settings that no lab is started with, as the lab's own are */
export function checkLabSettings({ postgres, pgbouncer }: LabWish = {}): void {
  renderSettings(postgres?.settings ?? {});
  countServerConnections(pgbouncer);
}
