import { UsageError } from '../errors.ts';

/** Values of postgresql.conf by name. */
export type Settings = Record<string, string | number | boolean>;

/** What scenarios may change. The data is thrown away, so that nothing needs to reach the disk. */
const DEFAULTS: Settings = { max_connections: 300, fsync: false };

/** What the lab must know of: where the server listens, keeps its data and writes its log. */
const OWN: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  logging_collector: false,
};
const OWN_NAMES = new Set([
  ...Object.keys(OWN),
  'port',
  'data_directory',
  'config_file',
  'hba_file',
  'ident_file',
  'external_pid_file',
]);

/**
 * The lines of postgresql.conf for the lab: its defaults, then `settings`, then what must not be changed; with
 * `socketFolder`, it listens on a Unix socket there too.
 *
 * @throws UsageError for a name that cannot be a setting's or is the lab's own, and for a value of several lines
 */
export function renderSettings(settings: Settings, socketFolder = ''): string {
  const checked = Object.entries(settings).map(checkSetting);
  const own = { ...OWN, unix_socket_directories: socketFolder };
  const all = { ...DEFAULTS, ...Object.fromEntries(checked), ...own };
  return Object.entries(all)
    .map(([name, value]) => `${name} = '${escapeValue(value)}'\n`)
    .join('');
}

function checkSetting([name, value]: [string, Settings[string]]): [string, Settings[string]] {
  // Names are case-insensitive to Postgres.
  const known = name.toLowerCase();
  if (!/^[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)?$/.test(known)) {
    refuse(name, 'must be a name of postgresql.conf, e.g. max_connections');
  }
  if (OWN_NAMES.has(known)) refuse(name, "is the lab's own and cannot be set");
  if (/\p{Cc}/u.test(String(value))) refuse(name, 'must have a value of one line');
  return [known, value];
}

function refuse(name: string, why: string): never {
  throw new UsageError('LAB_SETTINGS', `lab setting ${JSON.stringify(name)} ${why}`);
}

/** https://www.postgresql.org/docs/18/config-setting.html: quotes are doubled; backslashes escape. */
function escapeValue(value: Settings[string]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value).replaceAll('\\', '\\\\').replaceAll("'", "''");
}
