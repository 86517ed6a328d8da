import { expect, it } from 'vitest';
import { isDownSign } from '../../src/model/down-signs.ts';
import type { Failure } from '../../src/model/measures.ts';

it.each<[Failure['layer'], Failure['phase'], string, string, boolean]>([
  ['network', 'tcp', 'ECONNREFUSED', 'connect ECONNREFUSED', true],
  ['network', 'tcp', 'ENOENT', 'connect ENOENT', true],
  ['server', 'auth', '57P03', 'the database system is starting up', true],
  ['server', 'auth', '57P02', 'terminating connection because of crash', true],
  ['server', 'auth', '08P01', 'cached error: the database system is shutting down', true],
  ['server', 'auth', '57P01', 'terminating connection due to administrator command', false],
  ['server', 'auth', '53300', 'sorry, too many clients already', false],
  ['server', 'auth', '08P01', 'server login has been failing (server_login_retry)', false],
  ['network', 'tcp', 'ECONNRESET', 'read ECONNRESET', false],
  ['network', 'spawn', 'CLOSED', 'the server closed the connection', false],
  ['network', 'tcp', 'EAGAIN', 'connect EAGAIN', false],
  ['timeout', 'tcp', 'TIMEOUT', 'no answer in time', false],
])('a failure of %s in %s, %s (%s), proves that the target was down: %s', (...row) => {
  const [layer, phase, code, message, isProof] = row;
  expect(isDownSign({ layer, phase, code, message })).toBe(isProof);
});
