import type { Settings } from './check-settings.ts';
import { countServerConnections, type PoolerOptions } from './pgbouncer/pgbouncer-ini.ts';
import { renderSettings } from './postgres/settings.ts';

/** What a scenario sets of its lab's server. */
export interface ServerWish {
  settings?: Settings;
  sharedBuffers?: string;
  hugePages?: 'off' | 'on' | 'try';
}

/** A scenario's settings for its lab. */
interface LabWish {
  postgres?: ServerWish;
  pgbouncer?: PoolerOptions;
}

/**
 * Checks the lab's settings of a scenario.
 *
 * @throws UsageError for settings that the lab refuses, such as those that it makes itself
 */
export function checkLabSettings({ postgres, pgbouncer }: LabWish = {}): void {
  renderSettings(collectSettings(postgres));
  countServerConnections(pgbouncer);
}

/** Returns all settings of postgresql.conf, with those that have fields of their own. */
export function collectSettings({
  settings = {},
  sharedBuffers,
  hugePages,
}: ServerWish = {}): Settings {
  return {
    ...settings,
    ...(sharedBuffers === undefined ? {} : { shared_buffers: sharedBuffers }),
    ...(hugePages === undefined ? {} : { huge_pages: hugePages }),
  };
}
