import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, connect as tlsConnect } from 'node:tls';
import { expect, it } from 'vitest';
import { createCertificate } from '../../../src/lab/postgres/certificate.ts';

it('makes a certificate for 127.0.0.1 that signs itself and is valid now', () => {
  const { cert, key } = createCertificate();
  const read = new X509Certificate(cert);
  expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.subject).toBe('CN=connstorm lab');
  expect(read.issuer).toBe(read.subject);
  expect(Date.parse(read.validFrom)).toBeLessThan(Date.now());
  expect(Date.parse(read.validTo)).toBeGreaterThan(Date.now() + 86_400_000);
  expect(read.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
});

it('makes another one each time', () => {
  const [first, second] = [createCertificate(), createCertificate()];
  expect(first.cert).not.toBe(second.cert);
  expect(first.key).not.toBe(second.key);
});

it('is trusted by a client that trusts it alone, and checks the address', async () => {
  const { cert, key } = createCertificate();
  const server = createServer({ cert, key }, (socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = tlsConnect({ host: '127.0.0.1', port, ca: cert });
  await once(client, 'secureConnect');
  expect(client.authorized).toBe(true);
  client.destroy();
  server.close();
});
