import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DRIVER_NAMES } from '../../../src/scenario/schema/driver-name.ts';
import { constantRate, runStorm } from '../../support/run-storm.ts';
import { labForSuite } from '../../support/servers/lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-live-'));
// The lab's server may run under an account of its own.
chmodSync(folder, 0o777);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const lab = labForSuite({ socketFolder: folder });

function describeSocket(): string {
  const { port, password, username } = new URL(lab().url);
  return `host=${folder} port=${port} user=${username} password=${password}`;
}

describe('a storm over a Unix socket', () => {
  it.each(DRIVER_NAMES)('is measured by the %s driver, without consent and TLS', async (driver) => {
    const { summary, header } = await runStorm(`${describeSocket()} sslmode=require`, {
      load: constantRate(20, '1s'),
      connection: { driver, queries: 1 },
    });
    const { port } = new URL(lab().url);
    expect(header.target).toMatchObject({
      host: folder,
      address: `${folder}/.s.PGSQL.${port}`,
      sslmode: 'disable',
      server: { auth: 'scram-sha-256', tls: null, slots: { max: 300 } },
    });
    expect(summary.accounting).toMatchObject({ due: 20, ok: 20 });
    expect(summary.boundaries).toEqual({ 'auth-request': 20 });
    expect(summary.metrics.tcp?.count).toBe(20);
    expect(summary.metrics.tls).toBeUndefined();
  });

  it('spreads with TCP beside it, and says where a host was left out', async () => {
    const { port } = new URL(lab().url);
    const hosts = describeSocket().replace(folder, `${folder},127.0.0.1,127.0.0.1`);
    const text = `${hosts.replace(`port=${port}`, `port=${port},${port},1`)} load_balance_hosts=random`;
    const { summary, header, notes } = await runStorm(text, {
      load: constantRate(20, '1s'),
      connection: { queries: 1 },
    });
    expect(header.target.hosts?.map(({ host }) => host)).toEqual([folder, '127.0.0.1']);
    expect(summary.boundaries).toEqual({ 'auth-request': 10, sslrequest: 10 });
    expect(notes).toContainEqual(expect.stringMatching(/^left out: 127\.0\.0\.1:1 refused/));
  });

  it.each([
    [{ close: 'reset' }, /close must not be reset/],
    [{ localAddresses: ['127.0.0.1'] }, /localAddresses must be left out/],
  ])('is refused with %o', async (connection, message) => {
    const storm = runStorm(describeSocket(), { load: constantRate(20, '1s'), connection });
    await expect(storm).rejects.toThrow(message);
  });
});
