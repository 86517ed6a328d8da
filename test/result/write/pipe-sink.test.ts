import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DecisionRecord } from '../../../src/result/records/records.ts';
import { PipeSink } from '../../../src/result/write/pipe-sink.ts';
import { ResultWriter } from '../../../src/result/write/write.ts';

const RECORD: DecisionRecord = {
  type: 'decision',
  atUs: 1,
  decision: 'stop',
  reason: 'x'.repeat(10_000),
};
const LINE = `${JSON.stringify(RECORD)}\n`;

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-pipe-'));
  path = join(folder, 'pipe');
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;

function open(stop: AbortSignal, waiting: (path: string) => void = () => {}) {
  return ResultWriter.openWhenRead(path, 'steady', { stop, waiting });
}

describe.skipIf(process.platform === 'win32')('a result that goes into a named pipe', () => {
  beforeEach(() => {
    execFileSync('mkfifo', [path]);
  });

  it('waits for a reader, and says so', async () => {
    const told: string[] = [];
    let reading: Promise<string> | undefined;
    const opening = open(never, (waited) => {
      told.push(waited);
      reading = text(createReadStream(path));
    });
    const writer = await opening;
    expect(told).toEqual([path]);
    writer?.append(RECORD);
    expect(await writer?.finish(never)).toBe(path);
    writer?.close();
    expect(await reading).toBe(LINE);
  });

  it('is given up where the run is stopped before anybody reads', async () => {
    const stop = new AbortController();
    expect(await open(stop.signal, () => stop.abort())).toBeUndefined();
  });

  it('keeps what a slow reader has not taken yet, until it takes it', async () => {
    const stream = createReadStream(path);
    const writer = await open(never);
    // A pipe holds 64 KiB.
    for (let index = 0; index < 50; index++) writer?.append(RECORD);
    const reading = text(stream);
    await writer?.finish(never);
    writer?.close();
    expect(await reading).toBe(LINE.repeat(50));
    expect(writer?.failure).toBeUndefined();
  });

  it('waits for a reader that takes no more until that is cancelled', async () => {
    const stream = createReadStream(path, { highWaterMark: 1 });
    const writer = await open(never);
    for (let index = 0; index < 50; index++) writer?.append(RECORD);
    await writer?.finish(AbortSignal.abort());
    expect(writer?.failure?.message).toMatch(
      /pipe has only .*the program that reads it stopped reading$/,
    );
    writer?.close();
    stream.destroy();
  });

  it('waits no longer once its reader has gone', async () => {
    const stream = createReadStream(path);
    const writer = await open(never);
    stream.destroy();
    await once(stream, 'close');
    writer?.append(RECORD);
    expect(writer?.readerGone).toBe(true);
    await writer?.finish(never);
    expect(writer?.failure).toBeUndefined();
    writer?.close();
  });

  it('gives up a reader that takes nothing some time after the run was stopped', async () => {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const sink = new PipeSink(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    const told: unknown[] = [];
    sink.onError((error) => told.push(error.code));
    sink.write(Buffer.alloc(2 ** 20));
    await sink.drain(never, AbortSignal.abort(), 100);
    expect(told).toEqual(['ECANCELED']);
    sink.close();
    closeSync(fd);
  });
});
