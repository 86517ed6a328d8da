import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { resolveTarget } from '../../src/targets/naming/resolve.ts';
import { locatePasswordFile } from '../../src/targets/naming/sources/pgpass.ts';
import { readTlsFiles } from '../../src/targets/naming/tls-files.ts';
import { createCertificate } from '../support/servers/known/certificate.js';

vi.mock('node:os', async (load) => ({
  ...(await load<typeof import('node:os')>()),
  homedir: () => {
    throw new Error('uv_os_homedir returned ENOENT');
  },
}));

const authority = createCertificate({ commonName: 'CA', isAuthority: true });
const folder = mkdtempSync(join(tmpdir(), 'connstorm-no-home-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As in a container that runs under a user id without a name: Node throws where it finds no home directory. */
describe('without a home directory', () => {
  it('there are no files of ~/.postgresql', async () => {
    expect(await readTlsFiles({ sslmode: 'require' }, {})).toEqual({
      sslmode: 'require',
      warnings: [],
    });
    const { warnings } = await readTlsFiles({ sslkey: '/k' }, {});
    expect(warnings).toEqual([
      'sslkey is not used: there is no sslcert, nor ~/.postgresql/postgresql.crt (there is no home directory)',
    ]);
  });

  it('what is needed must be named', async () => {
    await expect(readTlsFiles({ sslmode: 'verify-full' }, {})).rejects.toThrow(
      'sslmode=verify-full needs a root certificate and there is no home directory to look for ~/.postgresql/root.crt in: name it with sslrootcert',
    );
    await expect(readTlsFiles({ sslcert: '/c' }, {})).rejects.toThrow(
      'sslcert needs its private key and there is no home directory',
    );
  });

  it('HOME does', async () => {
    const HOME = join(folder, 'home');
    mkdirSync(join(HOME, '.postgresql'), { recursive: true });
    writeFileSync(join(HOME, '.postgresql', 'root.crt'), authority.cert);
    const { tls } = await readTlsFiles({ sslmode: 'require' }, { HOME });
    expect(tls?.rootCertificates).toBe(authority.cert);
  });

  it('there is no password file but the one that is named', () => {
    expect(locatePasswordFile({})).toBeUndefined();
    expect(locatePasswordFile({ PGPASSFILE: '/p' })).toBe('/p');
  });

  it("a service must be in a file that is named, or in the system's", async () => {
    const env = { PGSYSCONFDIR: '/nonexistent' };
    await expect(resolveTarget({ text: 'service=s user=u', env })).rejects.toThrow(
      'target: service: no service "s": there is neither a ~/.pg_service.conf nor',
    );
  });

  it('a target that names its user is resolved', async () => {
    const resolved = await resolveTarget({ text: 'host=127.0.0.1 user=u', env: {} });
    expect(resolved?.hosts[0]?.target.password).toBeUndefined();
  });
});
