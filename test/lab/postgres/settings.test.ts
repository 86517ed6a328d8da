import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { renderSettings } from '../../../src/lab/postgres/settings.ts';

describe('renderSettings', () => {
  it('allows 300 connections and does not sync to disk unless told otherwise', () => {
    expect(renderSettings({}).split('\n')).toEqual(
      expect.arrayContaining(["max_connections = '300'", "fsync = 'off'"]),
    );
    expect(renderSettings({ MAX_CONNECTIONS: 20 })).toContain("max_connections = '20'\n");
    expect(renderSettings({ MAX_CONNECTIONS: 20 })).not.toContain("'300'");
  });

  it('listens on loopback alone, without unix sockets', () => {
    expect(renderSettings({})).toContain("listen_addresses = '127.0.0.1'\n");
    expect(renderSettings({})).toContain("unix_socket_directories = ''\n");
    expect(renderSettings({}, { socketFolder: '/x' })).toContain(
      "unix_socket_directories = '/x'\n",
    );
  });

  it.each([
    [true, "'on'"],
    [0.5, "'0.5'"],
    ['64MB', "'64MB'"],
    ["it's", "'it''s'"],
    ['back\\slash', "'back\\\\slash'"],
  ])('writes the value %j as %s', (value, written) => {
    expect(renderSettings({ 'my.setting': value })).toContain(`my.setting = ${written}\n`);
  });

  it.each([
    ['port', 5432, /"port" is set by the lab itself and cannot be changed/],
    ['Listen_Addresses', '*', /"Listen_Addresses" is set by the lab itself and cannot be changed/],
    ['', 1, /must be a name of postgresql.conf/],
    ['a b', 1, /"a b" must be a name/],
    ['x = 1\nport', 1, /must be a name/],
    ['work_mem', '1MB\nport = 1', /"work_mem" must have a value in one line/],
  ])('refuses %j = %j', (name, value, message) => {
    expect(() => renderSettings({ [name]: value })).toThrow(UsageError);
    expect(() => renderSettings({ [name]: value })).toThrow(message);
  });
});
