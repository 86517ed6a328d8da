import { checkSettings, type Settings } from '../check-settings.ts';

/** Defaults that scenarios may change. The data is thrown away, so nothing needs to reach the disk. */
const DEFAULTS: Settings = { max_connections: 300, fsync: false };

/** Settings that the lab must know: where the server listens, keeps its data and writes its log. */
const OWN: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  logging_collector: false,
};

/** Settings of a server that speaks TLS. The files are in its data folder. */
export const TLS = {
  ssl: true,
  ssl_cert_file: 'server.crt',
  ssl_key_file: 'server.key',
} as const;

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
 * Returns the lines of postgresql.conf for the lab: its defaults, then `settings`, then what must not change. Names in
 * `settings` are case-insensitive. With `socketFolder`, the server listens on a Unix socket there too; with `tls`, it
 * speaks TLS.
 *
 * @throws UsageError for settings that checkSettings refuses
 */
export function renderSettings(
  settings: Settings,
  { socketFolder = '', tls = false }: { socketFolder?: string | undefined; tls?: boolean } = {},
): string {
  const own = { ...OWN, unix_socket_directories: socketFolder, ...(tls ? TLS : {}) };
  const all = { ...DEFAULTS, ...checkSettings(settings, FILE), ...own };
  return Object.entries(all)
    .map(([name, value]) => `${name} = '${escapeValue(value)}'\n`)
    .join('');
}

/**
 * Escapes a value. Quotes are doubled, and backslashes escape: https://www.postgresql.org/docs/18/config-setting.html
 */
function escapeValue(value: Settings[string]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value).replaceAll('\\', '\\\\').replaceAll("'", "''");
}
