import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { StampedConnection } from '../../../src/drivers/pg/pg-stamps.ts';
import { message, READY_FOR_QUERY } from '../../support/servers/known/messages.js';

const OBSERVER = { onEstablished: () => {}, onMessage: () => {}, onLastWord: () => {} };

function listen(stream: PassThrough): StampedConnection {
  const socket = new Socket();
  const options = { socket, ssl: false, startup: {}, observer: OBSERVER };
  const connection = new StampedConnection(options);
  connection.attachListeners(stream);
  return connection;
}

it('lets go up what a listener of ours throws, whatever the listener did before', () => {
  const stream = new PassThrough();
  const connection = listen(stream);
  connection.on('readyForQuery', () => {
    // An event within the event, as client.end() makes it.
    connection.once('end', () => {});
    throw new Error('a bug of ours');
  });
  expect(() => stream.emit('data', READY_FOR_QUERY)).toThrow('a bug of ours');
  expect(stream.destroyed).toBe(false);
});

it('ends the stream where pg-protocol throws', async () => {
  const stream = new PassThrough();
  listen(stream);
  const ended = new Promise<Error>((resolve) => stream.once('error', resolve));
  // BackendKeyData of one byte.
  stream.emit('data', message('K', Buffer.from([1])));
  expect((await ended).name).toBe('BrokenStream');
});
