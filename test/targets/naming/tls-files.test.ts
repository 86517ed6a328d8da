import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { readTlsFiles, type TlsSpec } from '../../../src/targets/naming/tls-files.ts';
import { createCertificate } from '../../support/servers/known/certificate.js';

const authority = createCertificate({ commonName: 'CA', isAuthority: true });
const client = createCertificate({ commonName: 'storm', issuer: authority });
const other = createCertificate({ commonName: 'other', issuer: authority });

let folder: string;
/** A home with a ~/.postgresql, and one without. */
let home: string;
let bare: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-tls-'));
  home = join(folder, 'home');
  bare = join(folder, 'bare');
  mkdirSync(join(home, '.postgresql'), { recursive: true });
  write('home/.postgresql/root.crt', authority.cert);
  write('home/.postgresql/postgresql.crt', client.cert);
  write('home/.postgresql/postgresql.key', client.key);
  write('ca.crt', authority.cert);
  write('client.crt', client.cert);
  write('client.key', client.key);
  write('other.key', other.key);
  write('open.key', client.key, 0o644);
  write('nonsense', 'nonsense');
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string, mode = 0o600): void {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
}

/** Paths are names in the folder; `system` stays. */
function read(spec: TlsSpec, env: { HOME: string } = { HOME: bare }) {
  const { sslrootcert, sslcert, sslkey } = spec;
  const located = Object.entries({ sslrootcert, sslcert, sslkey })
    .filter(([, name]) => name !== undefined)
    .map(([keyword, name]) => [keyword, name === 'system' ? name : join(folder, `${name}`)]);
  return readTlsFiles({ ...spec, ...Object.fromEntries(located) }, env);
}

describe('readTlsFiles', () => {
  it.each<[TlsSpec, Partial<Awaited<ReturnType<typeof read>>>]>([
    [{}, { sslmode: 'prefer' }],
    [{ sslmode: 'disable', sslrootcert: 'missing', sslcert: 'missing' }, { sslmode: 'disable' }],
    [{ sslmode: 'require' }, { sslmode: 'require' }],
    [
      { sslmode: 'require', sslrootcert: 'ca.crt' },
      {
        sslmode: 'verify-ca',
        tls: {
          negotiation: 'postgres',
          rootCertificates: authority.cert,
          askedSslmode: 'require',
        },
      },
    ],
    [
      { sslmode: 'verify-full', sslrootcert: 'ca.crt', sslnegotiation: 'direct' },
      {
        sslmode: 'verify-full',
        tls: { negotiation: 'direct', rootCertificates: authority.cert },
      },
    ],
    [{ sslrootcert: 'system' }, { sslmode: 'verify-full', tls: { negotiation: 'postgres' } }],
    [
      { sslcert: 'client.crt', sslkey: 'client.key' },
      {
        sslmode: 'prefer',
        tls: { negotiation: 'postgres', certificate: client.cert, privateKey: client.key },
      },
    ],
  ])('reads %o', async (spec, expected) => {
    expect(await read(spec)).toEqual({ ...expected, warnings: [] });
  });

  it('finds what libpq finds in ~/.postgresql', async () => {
    const { sslmode, tls } = await read({ sslmode: 'require' }, { HOME: home });
    expect({ sslmode, tls }).toEqual({
      sslmode: 'verify-ca',
      tls: {
        negotiation: 'postgres',
        rootCertificates: authority.cert,
        certificate: client.cert,
        privateKey: client.key,
        askedSslmode: 'require',
      },
    });
  });

  it('warns of a root certificate that prefer does not use', async () => {
    const { sslmode, tls, warnings } = await read({ sslrootcert: 'ca.crt' });
    expect({ sslmode, tls }).toEqual({ sslmode: 'prefer', tls: undefined });
    expect(warnings).toEqual([expect.stringContaining('sslmode=prefer verifies nothing')]);
  });

  it('warns of a key without a certificate', async () => {
    const { tls, warnings } = await read({ sslkey: 'client.key' });
    expect(tls).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(/^sslkey is not used: there is no sslcert, nor .*postgresql\.crt$/),
    ]);
  });

  it('leaves alone what it finds in ~/.postgresql and cannot use, with a warning', async () => {
    const key = 'home/.postgresql/postgresql.key';
    write(key, client.key, 0o644);
    try {
      const { tls, warnings } = await read({}, { HOME: home });
      expect(tls).toBeUndefined();
      expect(warnings).toEqual([expect.stringMatching(/open to group or others.* is ignored$/)]);
    } finally {
      write(key, client.key);
    }
  });

  it.each<[TlsSpec, RegExp]>([
    [
      { sslmode: 'verify-full' },
      /needs a root certificate and .*root\.crt does not exist: name it/,
    ],
    [
      { sslmode: 'verify-ca', sslrootcert: 'missing' },
      /sslrootcert .*missing cannot be read \(ENOENT\)/,
    ],
    [{ sslmode: 'verify-ca', sslrootcert: 'home' }, /sslrootcert .*home cannot be read \(EISDIR\)/],
    [{ sslmode: 'verify-ca', sslrootcert: 'nonsense' }, /nonsense is not a certificate in PEM/],
    [
      { sslmode: 'require', sslrootcert: 'system' },
      /sslmode=require is too weak for sslrootcert=system/,
    ],
    [
      { sslmode: 'prefer', sslmodeKey: 'connection.sslmode', sslnegotiation: 'direct' },
      /^UsageError: connection\.sslmode=prefer is too weak for sslnegotiation=direct/,
    ],
    [
      { sslmode: 'verify-full', sslmodeKey: 'connection.sslmode' },
      /^UsageError: connection\.sslmode=verify-full needs a root certificate/,
    ],
    [{ sslnegotiation: 'direct' }, /sslmode=prefer is too weak for sslnegotiation=direct/],
    [{ sslmode: 'disable', sslnegotiation: 'direct' }, /sslmode=disable is too weak/],
    [{ sslcert: 'missing', sslkey: 'client.key' }, /sslcert .*missing cannot be read \(ENOENT\)/],
    [{ sslcert: 'client.crt', sslkey: 'missing' }, /sslkey .*missing cannot be read \(ENOENT\)/],
    [
      { sslcert: 'client.crt' },
      /: sslcert needs its private key: sslkey is not given, and its default .*postgresql\.key does not exist; name it with sslkey$/,
    ],
    [
      { sslcert: 'client.crt', sslkey: 'open.key' },
      /open\.key is open to group or others: run chmod 600/,
    ],
    [
      { sslcert: 'client.crt', sslkey: 'other.key' },
      /other\.key cannot be used with .*client\.crt \(key values mismatch\)/,
    ],
    [
      { sslcert: 'client.crt', sslkey: 'nonsense' },
      /sslkey .*nonsense is not a private key in PEM or DER/,
    ],
    [{ sslcert: 'nonsense', sslkey: 'client.key' }, /sslcert .*nonsense is not a certificate/],
  ])('refuses %o', async (spec, message) => {
    const error: unknown = await read(spec).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toMatch(/\n|PRIVATE KEY/);
  });
});

describe('the versions of TLS', () => {
  it.each<[TlsSpec, object | undefined]>([
    [{}, undefined],
    [{ tlsMinVersion: 'TLSv1.2' }, undefined],
    [{ tlsMinVersion: 'TLSv1.3' }, { minVersion: 'TLSv1.3' }],
    [{ tlsMinVersion: 'TLSv1' }, { minVersion: 'TLSv1' }],
    [{ tlsMaxVersion: 'TLSv1.2' }, { maxVersion: 'TLSv1.2' }],
  ])('of %o are %o', async (spec, versions) => {
    const { tls } = await read(spec);
    expect(tls).toEqual(versions && { negotiation: 'postgres', ...versions });
  });

  it.each<[TlsSpec, RegExp]>([
    [
      { tlsMaxVersion: 'TLSv1.1' },
      /=TLSv1\.1 is below ssl_min_protocol_version=TLSv1\.2, its default/,
    ],
    [
      { tlsMinVersion: 'TLSv1.3', tlsMaxVersion: 'TLSv1.2' },
      /ssl_max_protocol_version=TLSv1\.2 is below ssl_min_protocol_version=TLSv1\.3: raise/,
    ],
  ])('of %o are none', async (spec, message) => {
    await expect(read(spec)).rejects.toThrow(message);
  });
});
