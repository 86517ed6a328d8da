import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { readTlsFiles, type TlsSpec } from '../../../src/targets/naming/tls-files.ts';
import {
  createCertificate,
  createRevocationList,
} from '../../support/servers/known/certificate.js';

const authority = createCertificate({ commonName: 'CA', isAuthority: true });
const client = createCertificate({ commonName: 'storm', issuer: authority });
const revoked = createRevocationList(authority, [client.cert]);
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
  write('ca.crl', revoked);
  write('two.crl', `${revoked}# the next one\n${revoked}`);
  write('broken.crl', '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string, mode = 0o600): void {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
}

/** Paths are names in the folder; `system` stays. */
function read(spec: TlsSpec, env: { HOME: string } = { HOME: bare }) {
  const { sslrootcert, sslcert, sslkey, sslcrl } = spec;
  const located = Object.entries({ sslrootcert, sslcert, sslkey, sslcrl })
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
      expect(warnings).toEqual([
        expect.stringMatching(/has permissions for group or others \(mode 0644\).* is ignored$/),
      ]);
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
      /open\.key has permissions for group or others \(mode 0\d\d\d\): run chmod 600/,
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

describe('lists of revoked certificates', () => {
  const VERIFIED = { sslmode: 'verify-ca', sslrootcert: 'ca.crt' } as const;
  const list = revoked.trim();

  it.each<[TlsSpec, string[]]>([
    [{ ...VERIFIED, sslcrl: 'ca.crl' }, [list]],
    [{ ...VERIFIED, sslcrl: 'two.crl' }, [list, list]],
    [{ sslmode: 'require', sslrootcert: 'ca.crt', sslcrl: 'ca.crl' }, [list]],
  ])('of %o are read', async (spec, lists) => {
    const { tls, warnings } = await read(spec);
    expect({ lists: tls?.revocationLists, warnings }).toEqual({ lists, warnings: [] });
  });

  it('are found in ~/.postgresql, and left alone with a warning where they are of no use', async () => {
    const path = 'home/.postgresql/root.crl';
    try {
      write(path, revoked);
      const found = await read({ sslmode: 'verify-ca' }, { HOME: home });
      expect(found.tls?.revocationLists).toEqual([list]);
      write(path, 'nonsense');
      const { tls, warnings } = await read({ sslmode: 'verify-ca' }, { HOME: home });
      expect(tls).not.toHaveProperty('revocationLists');
      expect(warnings).toEqual([
        expect.stringMatching(/^sslcrl .*root\.crl is no list of revoked .*; it is ignored$/),
      ]);
    } finally {
      rmSync(join(folder, path));
    }
  });

  it.each<[TlsSpec, RegExp]>([
    [{ ...VERIFIED, sslcrl: 'missing' }, /^sslcrl .*missing cannot be read \(ENOENT\): check the/],
    [
      { ...VERIFIED, sslcrl: 'ca.crt' },
      /^sslcrl .*ca\.crt is no list of revoked certificates in PEM/,
    ],
    [{ ...VERIFIED, sslcrl: 'broken.crl' }, /^sslcrl .*broken\.crl is no list of revoked/],
  ])('that are named and of no use are refused: %o', async (spec, message) => {
    await expect(read(spec)).rejects.toThrow(UsageError);
    await expect(read(spec)).rejects.toThrow(message);
  });

  it.each<[TlsSpec, RegExp]>([
    [{ sslcrl: 'ca.crl' }, /^sslcrl is not used, because sslmode=prefer verifies nothing/],
    [{ sslmode: 'require', sslcrl: 'ca.crl' }, /^sslcrl is not used: there is no sslrootcert/],
    [
      { sslrootcert: 'system', sslcrl: 'ca.crl' },
      /^sslcrl is not used: as in libpq, it needs an sslrootcert that is a file$/,
    ],
  ])('that nothing is held against are told of: %o', async (spec, warning) => {
    expect((await read(spec)).warnings).toEqual([expect.stringMatching(warning)]);
  });
});

it("looks for no file of the user's where it is told not to", async () => {
  expect(await readTlsFiles({}, undefined)).toEqual({ sslmode: 'prefer', warnings: [] });
});
