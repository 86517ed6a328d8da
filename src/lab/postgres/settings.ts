import { checkSettings, type Settings } from '../check-settings.ts';

/** What scenarios may change. The data is thrown away, so that nothing needs to reach the disk. */
const DEFAULTS: Settings = { max_connections: 300, fsync: false };

/** What the lab must know of: where the server listens, keeps its data and writes its log. */
const OWN: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  logging_collector: false,
};
const FILE = {
  file: 'postgresql.conf',
  example: 'max_connections',
  own: new Set([
    ...Object.keys(OWN),
    'port',
    'data_directory',
    'config_file',
    'hba_file',
    'ident_file',
    'external_pid_file',
  ]),
};

/**
 * The lines of postgresql.conf for the lab: its defaults, then `settings`, whose names are case-insensitive, then what
 * must not be changed; with `socketFolder`, it listens on a Unix socket there too.
 *
 * @throws UsageError for settings that checkSettings refuses
 */
export function renderSettings(settings: Settings, socketFolder = ''): string {
  const own = { ...OWN, unix_socket_directories: socketFolder };
  const all = { ...DEFAULTS, ...checkSettings(settings, FILE), ...own };
  return Object.entries(all)
    .map(([name, value]) => `${name} = '${escapeValue(value)}'\n`)
    .join('');
}

/** https://www.postgresql.org/docs/18/config-setting.html: quotes are doubled; backslashes escape. */
function escapeValue(value: Settings[string]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value).replaceAll('\\', '\\\\').replaceAll("'", "''");
}
