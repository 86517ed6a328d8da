import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkTrust } from '../../../src/run/place/check-trust.ts';
import { listBuiltIns } from '../../../src/scenario/file/built-ins.ts';
import type { Override } from '../../../src/scenario/file/overrides.ts';
import { type LoadedScenario, readScenario } from '../../../src/scenario/file/read.ts';
import { findUntrusted, listForTrust } from '../../../src/scenario/file/trust.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-trust-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function load(lab: unknown, over: readonly Override[] = [], more: object = {}): LoadedScenario {
  const path = join(folder, `${++files}.json`);
  const block = { executor: 'constant-arrival-rate', rate: 5, duration: '1s' };
  writeFileSync(path, JSON.stringify({ shows: 'a', load: block, lab, ...more }));
  return readScenario(path, over);
}

function set(text: string): Override {
  const [path = '', value = ''] = text.split('=');
  return { path, value, source: `--set ${text}` };
}

const postgres = (settings: object) => ({ postgres: { settings } });
const pgbouncer = (settings: object) => ({ pgbouncer: { settings } });

describe('a scenario is data', () => {
  it.each(
    // biome-ignore format: one name a line says less
    [
      'archive_command', 'ARCHIVE_COMMAND', 'archive_cleanup_command', 'archive_library', 'archive_mode', 'restore_command',
      'recovery_end_command', 'shared_preload_libraries', 'session_preload_libraries', 'local_preload_libraries',
      'dynamic_library_path', 'extension_control_path', 'jit_provider', 'oauth_validator_libraries',
      'ssl', 'ssl_passphrase_command', 'ssl_cert_file', 'ssl_key_file', 'ssl_ca_file', 'ssl_crl_dir', 'krb_server_keyfile',
      'log_directory', 'log_filename', 'log_destination', 'logging_collector', 'syslog_ident', 'log_hostname',
      'include', 'include_dir', 'include_if_exists', 'primary_conninfo', 'unix_socket_directories',
      'unix_socket_permissions', 'bonjour', 'default_tablespace', 'temp_tablespaces', 'session_replication_role',
      'allow_in_place_tablespaces', 'plperl.on_init', 'auto_explain.log_min_duration', 'no_such_setting',
    ],
  )('whose postgres setting %s needs consent', (name) => {
    expect(findUntrusted(load(postgres({ [name]: 'x' })).variants)).toEqual([
      `lab.postgres.settings.${name}`,
    ]);
  });

  it.each(
    // biome-ignore format: one name a line says less
    [
      'auth_file', 'auth_query', 'Auth_Query', 'auth_user', 'auth_dbname', 'auth_hba_file', 'auth_ident_file', 'auth_ldap_options',
      'logfile', 'pidfile', 'syslog', 'syslog_ident', 'resolv_conf', 'unix_socket_dir', 'user', 'service_name', 'job_name',
      'client_tls_key_file', 'server_tls_ca_file', 'client_tls_sslmode', 'admin_users', 'dns_max_ttl', 'conffile',
    ],
  )('whose pgbouncer setting %s needs consent', (name) => {
    expect(findUntrusted(load(pgbouncer({ [name]: 'x' })).variants)).toEqual([
      `lab.pgbouncer.settings.${name}`,
    ]);
  });

  it.each([
    [postgres({ max_connections: 100, Work_Mem: '1MB', log_connections: true, jit: false })],
    [pgbouncer({ server_lifetime: 5, query_wait_timeout: 3, ignore_startup_parameters: '' })],
    [{ postgres: { auth: 'trust', forkCostMs: 2, cpus: '0' } }],
  ])('whose harmless settings need none: %j', (lab) => {
    const loaded = load(lab);
    expect(findUntrusted(loaded.variants)).toEqual([]);
    expect(() => checkTrust(loaded, false)).not.toThrow();
  });

  it('also where one of its variants has them, and told once', () => {
    const variants = { a: {}, b: { lab: postgres({ archive_command: 'x' }) } };
    const both = { ...variants, c: { lab: postgres({ archive_command: 'y' }) } };
    expect(findUntrusted(load({}, [], { variants: both }).variants)).toEqual([
      'lab.postgres.settings.archive_command',
    ]);
  });

  it('if it names the programs to run', () => {
    const { variants } = load({ postgres: { bin: '/opt/postgres/bin' } });
    expect(findUntrusted(variants)).toEqual(['lab.postgres.bin']);
  });

  it.each([
    [[set('lab.postgres.settings.archive_command=touch x')]],
    [[set('lab={ postgres: { settings: { archive_command: touch x } } }')]],
  ])('and what is set over it is, too: %j', (over) => {
    const loaded = load(undefined, over);
    expect(() => checkTrust(loaded, false)).toThrow(
      expect.objectContaining({
        code: 'SCENARIO_UNTRUSTED',
        exit: 'usage',
        message:
          'lab.postgres.settings.archive_command is not known to be harmless: such a setting can run a program or read and ' +
          'write files. Leave it out, or give --trust-scenario if you trust whoever wrote this',
      }),
    );
    expect(() => checkTrust(loaded, true)).not.toThrow();
  });
});

describe('a built-in scenario', () => {
  it.each(listBuiltIns())('$name is trusted', ({ name }) => {
    expect(() => checkTrust(readScenario(name), false)).not.toThrow();
  });

  it('is trusted with settings of its own, but not with those set over it', () => {
    const over = [set('lab.postgres.settings.restore_command=x')];
    expect(readScenario('steady', over).trusted).toEqual([]);
    expect(() => checkTrust(readScenario('steady', over), false)).toThrow(/restore_command/);
  });

  it('is not trusted with another value of a setting that it sets itself', () => {
    const own = readScenario('steady', [set('lab.postgres.settings.restore_command=x')]);
    const trusted = listForTrust(own.variants);
    expect(() => checkTrust({ ...own, trusted }, false)).not.toThrow();
    const other = readScenario('steady', [set('lab.postgres.settings.restore_command=y')]);
    expect(() => checkTrust({ ...other, trusted }, false)).toThrow(/restore_command/);
  });
});
