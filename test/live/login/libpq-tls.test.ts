import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import { preflight } from '../../../src/targets/visit/preflight.ts';
import { constantRate, runStorm, temporaryPath } from '../../support/run-storm.ts';
import { exportKey, type KeyFormat } from '../../support/servers/export-key.ts';
import { INSTALLED, listInstalled } from '../../support/servers/installed.ts';
import { createCertificate } from '../../support/servers/known/certificate.js';
import { labForSuite } from '../../support/servers/lab.ts';
import { secureLab } from '../../support/servers/tls-lab.ts';

/** Certificates and keys: psql's libpq is the referee of what may be logged in with. */

const run = promisify(execFile);
const PSQL = listInstalled()
  .map((version) => join(INSTALLED, version, 'bin', 'psql'))
  .find((path) => existsSync(path));
const ENV = { PGPASSFILE: '/nonexistent', HOME: '/nonexistent', LC_ALL: 'C' };

const authority = createCertificate({ commonName: 'test CA', isAuthority: true });
const intermediate = createCertificate({
  commonName: 'test intermediate',
  isAuthority: true,
  issuer: authority,
});
const client = createCertificate({ commonName: 'certified', issuer: authority });
const lab = labForSuite({ auth: 'scram-sha-256' });
const CA = keep('ca.crt', authority.cert);
const CERT = keep('client.crt', client.cert);

function keep(name: string, bytes: string | Buffer): string {
  const path = temporaryPath(name);
  writeFileSync(path, bytes, { mode: 0o600 });
  return path;
}

async function present(server: { cert: string; key: string }, first = false): Promise<void> {
  await secureLab(lab(), {
    server: { ...server, endPointHash: '' },
    clientAuthority: authority,
    sql: first ? ['CREATE ROLE certified LOGIN'] : [],
    hba: first ? ['hostssl storm certified 127.0.0.1/32 cert'] : [],
  });
}

/** Parameters over those of the lab's role; as key=value pairs. */
function describeTarget(parameters: Record<string, string>): string {
  const { port, password } = new URL(lab().url);
  const all = {
    host: '127.0.0.1',
    port,
    user: 'storm',
    dbname: 'storm',
    password,
    sslmode: 'verify-full',
    sslrootcert: CA,
    ...parameters,
  };
  return Object.entries(all)
    .map(([keyword, value]) => `${keyword}='${value}'`)
    .join(' ');
}

async function askLibpq(text: string): Promise<string> {
  try {
    await run(PSQL ?? '', ['-X', '-w', '-c', 'SELECT 1', text], { env: ENV });
    return 'ok';
  } catch (error) {
    return `refused: ${(error as { stderr?: string }).stderr}`;
  }
}

async function visit(text: string) {
  const resolved = await resolveTarget({ text, env: ENV });
  const [host] = resolved?.hosts ?? [];
  if (host === undefined) throw new Error('no target');
  return preflight(host.target, host.addresses, { timeoutUs: 10_000_000 });
}

async function askOurselves(text: string): Promise<string> {
  return visit(text).then(
    () => 'ok',
    (error: Error) => `refused: ${error.message}`,
  );
}

/** `ok` of both, or what each said. */
async function compare(text: string): Promise<string> {
  const [theirs, ours] = await Promise.all([askLibpq(text), askOurselves(text)]);
  if (theirs === 'ok' && ours === 'ok') return 'ok';
  const isSame = theirs !== 'ok' && ours !== 'ok';
  return isSame ? 'refused' : `psql: ${theirs}; connstorm: ${ours}`;
}

describe.skipIf(PSQL === undefined)('a certificate under verify-full', () => {
  it.each<[string, { commonName: string; altNames?: string[] }, Record<string, string>, string]>([
    ['an address as iPAddress', { commonName: 'x', altNames: ['127.0.0.1'] }, {}, 'ok'],
    ['an address as dNSName', { commonName: 'x', altNames: ['dns:127.0.0.1'] }, {}, 'ok'],
    ['an address as the common name', { commonName: '127.0.0.1' }, {}, 'ok'],
    [
      'an address as the common name beside a dNSName',
      { commonName: '127.0.0.1', altNames: ['localhost'] },
      {},
      'ok',
    ],
    [
      'an address as the common name beside another iPAddress',
      { commonName: '127.0.0.1', altNames: ['127.0.0.2'] },
      {},
      'refused',
    ],
    ['another address', { commonName: '127.0.0.2', altNames: ['dns:127.0.0.3'] }, {}, 'refused'],
    ['a name for an address', { commonName: 'localhost' }, {}, 'refused'],
    [
      'a name as the common name beside an iPAddress',
      { commonName: 'localhost', altNames: ['127.0.0.1'] },
      { host: 'localhost', hostaddr: '127.0.0.1' },
      'ok',
    ],
    [
      'a name as the common name beside another dNSName',
      { commonName: 'localhost', altNames: ['other'] },
      { host: 'localhost', hostaddr: '127.0.0.1' },
      'refused',
    ],
    [
      'a wildcard',
      { commonName: 'x', altNames: ['*.example.com'] },
      { host: 'db.example.com', hostaddr: '127.0.0.1' },
      'ok',
    ],
  ])('%s', async (_, names, parameters, expected) => {
    await present(createCertificate({ ...names, issuer: authority }));
    expect(await compare(describeTarget(parameters))).toBe(expected);
  });

  it('is taken for an address by a wildcard in libpq, and not here', async () => {
    const server = createCertificate({
      commonName: 'x',
      altNames: ['*.0.0.1'],
      issuer: authority,
    });
    await present(server);
    const text = describeTarget({});
    expect(await askLibpq(text)).toBe('ok');
    await expect(visit(text)).rejects.toThrow(/has a certificate for another name/);
  });

  it('is stormed by both drivers with its address as dNSName', async () => {
    const server = createCertificate({
      commonName: 'x',
      altNames: ['dns:127.0.0.1'],
      issuer: authority,
    });
    await present(server);
    for (const driver of ['wire', 'pg'] as const) {
      const { summary } = await runStorm(describeTarget({}), {
        load: constantRate(10, '1s'),
        connection: { driver },
      });
      expect(summary.accounting).toMatchObject({ failed: 0, ok: 10 });
    }
  });
});

describe.skipIf(PSQL === undefined)('an intermediate certificate', () => {
  const leaf = createCertificate({
    commonName: 'x',
    altNames: ['127.0.0.1'],
    issuer: intermediate,
  });

  it('that the server sends leads to the root', async () => {
    await present({ ...leaf, cert: leaf.cert + intermediate.cert });
    expect(await compare(describeTarget({}))).toBe('ok');
  });

  it('that it does not send is named, and how to go on', async () => {
    await present(leaf);
    expect(await compare(describeTarget({}))).toBe('refused');
    await expect(visit(describeTarget({}))).rejects.toThrow(
      /sends only its own certificate, issued by "test intermediate", and sslrootcert does not contain the certificate of that CA: .*put its certificate after the server's own in ssl_cert_file/,
    );
  });

  it('in sslrootcert does instead of one that is sent, but not without the root', async () => {
    await present(leaf);
    const both = keep('both.crt', authority.cert + intermediate.cert);
    expect(await compare(describeTarget({ sslrootcert: both }))).toBe('ok');
    const alone = describeTarget({ sslrootcert: keep('intermediate.crt', intermediate.cert) });
    expect(await compare(alone)).toBe('refused');
    await expect(visit(alone)).rejects.toThrow(
      'sslrootcert contains the intermediate certificate "test intermediate" without "test CA", which issued it',
    );
  });

  it('is told apart from a CA that is not trusted', async () => {
    await present({ ...leaf, cert: leaf.cert + intermediate.cert + authority.cert });
    const strangers = createCertificate({ commonName: 'another CA', isAuthority: true });
    const text = describeTarget({ sslrootcert: keep('strangers.crt', strangers.cert) });
    expect(await compare(text)).toBe('refused');
    await expect(visit(text)).rejects.toThrow(
      'the chain that it sends ends at "test CA", which sslrootcert does not contain',
    );
  });
});

describe.skipIf(PSQL === undefined)('a private key', () => {
  const key = createPrivateKey(client.key);
  const passphrase = 'two words';
  const cipher = 'aes-256-cbc';
  const exportAs = (format: KeyFormat) => exportKey(key, format);

  beforeAll(async () => {
    const server = createCertificate({
      commonName: 'x',
      altNames: ['127.0.0.1'],
      issuer: authority,
    });
    await present(server, true);
  });

  it.each<[string, KeyFormat, Record<string, string>, string]>([
    ['PKCS#8 as PEM', { type: 'pkcs8', format: 'pem' }, {}, 'ok'],
    ['PKCS#8 as DER', { type: 'pkcs8', format: 'der' }, {}, 'ok'],
    ['SEC1 as PEM', { type: 'sec1', format: 'pem' }, {}, 'ok'],
    ['SEC1 as DER', { type: 'sec1', format: 'der' }, {}, 'ok'],
    ['an open one with a password', { type: 'pkcs8', format: 'pem' }, { sslpassword: 'x' }, 'ok'],
    [
      'an encrypted one with its password',
      { type: 'pkcs8', format: 'pem', cipher, passphrase },
      { sslpassword: passphrase },
      'ok',
    ],
    [
      'an encrypted one of the old kind',
      { type: 'sec1', format: 'pem', cipher, passphrase },
      { sslpassword: passphrase },
      'ok',
    ],
    [
      'an encrypted one with a wrong password',
      { type: 'pkcs8', format: 'pem', cipher, passphrase },
      { sslpassword: 'wrong' },
      'refused',
    ],
  ])('%s', async (name, format, parameters, expected) => {
    const sslkey = keep(`${name.replace(/\W/g, '-')}.key`, exportAs(format));
    const text = describeTarget({ user: 'certified', sslcert: CERT, sslkey, ...parameters });
    expect(await compare(text)).toBe(expected);
  });

  it('that is encrypted is asked a password for, which no message repeats', async () => {
    const sslkey = keep(
      'encrypted.key',
      exportAs({ type: 'pkcs8', format: 'der', cipher, passphrase }),
    );
    const target = { user: 'certified', sslcert: CERT, sslkey };
    await expect(visit(describeTarget(target))).rejects.toThrow(
      `sslkey ${sslkey} is encrypted: give its password with sslpassword`,
    );
    const wrong = visit(describeTarget({ ...target, sslpassword: 'wrong-one' }));
    await expect(wrong).rejects.toThrow(/^(?!.*wrong-one).*sslpassword does not open it/);
    expect(await askOurselves(describeTarget({ ...target, sslpassword: passphrase }))).toBe('ok');
  });
});

describe.skipIf(PSQL === undefined)('the versions of TLS', () => {
  beforeAll(async () => {
    await present(
      createCertificate({ commonName: 'x', altNames: ['127.0.0.1'], issuer: authority }),
    );
  });

  it.each<[Record<string, string>, string]>([
    [{ ssl_max_protocol_version: 'TLSv1.2' }, 'TLSv1.2'],
    [{ ssl_min_protocol_version: 'tlsv1.3' }, 'TLSv1.3'],
    [{ ssl_min_protocol_version: 'TLSv1.2', ssl_max_protocol_version: 'TLSv1.3' }, 'TLSv1.3'],
  ])('%o are what is spoken', async (parameters, expected) => {
    const text = describeTarget(parameters);
    expect(await askLibpq(text)).toBe('ok');
    expect((await visit(text)).server.tls).toContain(`${expected} `);
  });

  it.each<Record<string, string>>([
    { ssl_min_protocol_version: 'TLSv1.4' },
    { ssl_max_protocol_version: 'SSLv3' },
    { ssl_max_protocol_version: 'TLSv1.1' },
    { ssl_min_protocol_version: 'TLSv1.3', ssl_max_protocol_version: 'TLSv1.2' },
  ])('%o are refused', async (parameters) => {
    expect(await compare(describeTarget(parameters))).toBe('refused');
  });
});
