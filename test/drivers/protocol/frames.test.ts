import { describe, expect, it } from 'vitest';
import { type FrameProblem, FrameReader } from '../../../src/drivers/protocol/frames.ts';

interface Seen {
  frames: [string, string][];
  problem: FrameProblem | undefined;
}

/** Feeds the chunks, each in a buffer that is overwritten afterwards, as the driver's shared one is. */
function readAll(
  chunks: Buffer[],
  stopAfter = Number.POSITIVE_INFINITY,
): Seen & { reader: FrameReader } {
  const reader = new FrameReader();
  const seen: Seen = { frames: [], problem: undefined };
  const receiver = {
    handleFrame(type: number, buffer: Buffer, start: number, end: number): boolean {
      seen.frames.push([String.fromCharCode(type), buffer.toString('latin1', start, end)]);
      return seen.frames.length < stopAfter;
    },
    skipFrame(bytes: number): void {
      seen.frames.push(['skipped', String(bytes)]);
    },
  };
  for (const chunk of chunks) {
    const shared = Buffer.alloc(chunk.length + 7, 0xff);
    chunk.copy(shared);
    seen.problem ??= reader.read(shared, chunk.length, receiver);
    shared.fill(0xee);
  }
  return { ...seen, reader };
}

function message(type: string, payload: string): Buffer {
  const buffer = Buffer.alloc(5 + payload.length);
  buffer.write(type, 'latin1');
  buffer.writeUInt32BE(4 + payload.length, 1);
  buffer.write(payload, 5, 'latin1');
  return buffer;
}

const STREAM = Buffer.concat([
  message('R', '\0\0\0\0'),
  message('S', 'server_version\0'.padEnd(300, 'x')),
  message('2', ''),
  message('Z', 'I'),
]);
const WHOLE = readAll([STREAM]).frames;

describe('FrameReader', () => {
  it('reads several messages of one chunk', () => {
    expect(WHOLE.map(([type]) => type).join('')).toBe('RS2Z');
    expect(WHOLE[3]).toEqual(['Z', 'I']);
  });

  it('reads the same when the stream is split at any byte', () => {
    for (let at = 1; at < STREAM.length; at++) {
      const { frames, problem } = readAll([STREAM.subarray(0, at), STREAM.subarray(at)]);
      expect(problem).toBeUndefined();
      expect(frames).toEqual(WHOLE);
    }
  });

  it('reads the same when every byte comes alone', () => {
    expect(readAll([...STREAM].map((byte) => Buffer.from([byte]))).frames).toEqual(WHOLE);
  });

  it('stops when the receiver has had enough', () => {
    expect(readAll([STREAM], 2).frames).toHaveLength(2);
  });

  it.each([
    ['less than itself', 3],
    ['a gigabyte', 1 << 30],
    ['all ones', 0xffffffff],
  ])('refuses a length word of %s', (_, length) => {
    const bad = message('S', 'abcd');
    bad.writeUInt32BE(length, 1);
    expect(readAll([bad]).problem).toEqual({ kind: 'too-long', type: 0x53, length });
  });

  const LEGACY = Buffer.from('Ecould not fork new process for connection: no\n\0');
  it('reads a text of protocol 2, split at any byte', () => {
    for (let at = 5; at <= LEGACY.length; at++) {
      const { problem } = readAll([LEGACY.subarray(0, at), LEGACY.subarray(at)]);
      expect(problem).toEqual({
        kind: 'legacy-error',
        text: LEGACY.toString('utf8', 1, LEGACY.length - 1),
      });
    }
  });

  it('has the text of protocol 2 when the stream ends before its NUL', () => {
    const { problem, reader } = readAll([LEGACY.subarray(0, 20)]);
    expect(problem).toBeUndefined();
    expect(reader.endOfStream()).toEqual({
      kind: 'legacy-error',
      text: LEGACY.toString('utf8', 1, 20),
    });
  });

  const OK = message('R', '\0\0\0\0');
  it.each([
    ['N', 70_000],
    ['E', 40_000],
    ['E', 3_000_000],
  ])('reads an %s of %i bytes once authentication has begun, cut anywhere', (type, bytes) => {
    const long = message(type, 'x'.repeat(bytes));
    const stream = Buffer.concat([OK, long, message('Z', 'I')]);
    for (const size of [1000, 65_536, stream.length]) {
      const chunks = [];
      for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
      const { frames, problem } = readAll(chunks);
      expect(problem).toBeUndefined();
      expect(frames.map(([name, payload]) => [name, payload.length])).toEqual([
        ['R', 4],
        [type, bytes],
        ['Z', 1],
      ]);
    }
  });

  it.each([
    ['N', 'too-long'],
    ['E', 'legacy-error'],
  ])('takes no long %s for a first word', (type, kind) => {
    expect(readAll([message(type, `${'x'.repeat(70_000)}\0`)]).problem).toMatchObject({ kind });
  });

  it('takes a short error for a message once authentication has begun', () => {
    expect(readAll([OK, message('E', '\0')])).toMatchObject({ problem: undefined });
    expect(readAll([message('E', '\0')]).problem).toMatchObject({ kind: 'legacy-error' });
  });

  it.each(['D', 'T', 'd'])('reads over a long %s of a result, cut anywhere', (type) => {
    const long = message(type, 'x'.repeat(200_000));
    const row = message('D', 'abc');
    const stream = Buffer.concat([OK, message('Z', 'I'), row, long, row, message('Z', 'I')]);
    for (const size of [1, 7, 1000, 65_536, 200_010, stream.length]) {
      const chunks = [];
      for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
      const { frames, problem } = readAll(chunks);
      expect(problem).toBeUndefined();
      expect(frames.slice(2)).toEqual([
        ['D', 'abc'],
        ['skipped', '200005'],
        ['D', 'abc'],
        ['Z', 'I'],
      ]);
    }
  });

  it('refuses a long row before the server was ready, and one above 1 GB at any time', () => {
    const long = message('D', 'x'.repeat(70_000));
    expect(readAll([Buffer.concat([OK, long])]).problem).toMatchObject({ kind: 'too-long' });
    const huge = message('D', 'abcd');
    huge.writeUInt32BE((1 << 30) + 1, 1);
    const stream = Buffer.concat([OK, message('Z', 'I'), huge]);
    expect(readAll([stream]).problem).toMatchObject({ kind: 'too-long' });
  });

  it.each([
    ['N', 17_000_000],
    ['S', 70_000],
  ])('refuses an %s of %i bytes at any time', (type, length) => {
    const bad = message(type, 'abcd');
    bad.writeUInt32BE(length, 1);
    expect(readAll([OK, bad]).problem).toMatchObject({ kind: 'too-long', length });
  });

  it('has no text when a message of today is cut off', () => {
    expect(readAll([STREAM.subarray(0, 7)]).reader.endOfStream()).toBeUndefined();
  });

  it('does not collect a text of protocol 2 without end', () => {
    const endless = Array.from({ length: 20 }, () => Buffer.from(`E${'x'.repeat(4000)}`));
    expect(readAll(endless).problem).toMatchObject({ kind: 'too-long' });
  });
});
