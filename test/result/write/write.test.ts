import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DecisionRecord } from '../../../src/result/records/records.ts';
import { fileSink } from '../../../src/result/write/sink.ts';
import { ResultWriter } from '../../../src/result/write/write.ts';

const RECORD: DecisionRecord = { type: 'decision', atUs: 1, decision: 'stop', reason: 'µ' };
const LINE = `${JSON.stringify(RECORD)}\n`;

/** Nobody cancels. */
const NEVER = new AbortController().signal;

let folder = '';
const home = process.cwd();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-write-'));
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

describe('ResultWriter', () => {
  it('writes a line a record into a file that only its owner may read', () => {
    const path = join(folder, 'run.ndjson');
    const writer = ResultWriter.open(path, 'steady');
    writer.append(RECORD);
    expect(readFileSync(path, 'utf8')).toBe(LINE);
    writer.append(RECORD);
    writer.close();
    writer.close();
    expect(readFileSync(path, 'utf8')).toBe(LINE + LINE);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(writer).toMatchObject({ path, failure: undefined });
  });

  it('names the file by time and scenario where no path is given, each run its own', () => {
    process.chdir(folder);
    const writers = [1, 2, 3].map(() => ResultWriter.open(undefined, 'a b/c'));
    for (const writer of writers) writer.close();
    expect(new Set(writers.map(({ path }) => path)).size).toBe(3);
    for (const { path } of writers) {
      expect(path).toMatch(/^results\/\d{8}T\d{6}Z-a_b_c(-\d)?\.ndjson$/);
    }
  });

  it('leaves no file behind that nothing was written to', () => {
    const path = join(folder, 'empty');
    ResultWriter.open(path, 'steady').close();
    expect(existsSync(path)).toBe(false);
  });

  it('does not overwrite a file', () => {
    const path = join(folder, 'there');
    writeFileSync(path, 'kept');
    expect(() => ResultWriter.open(path, 'steady')).toThrow(
      `${path} exists and is not overwritten: name another file with --out, or add --overwrite`,
    );
    expect(readFileSync(path, 'utf8')).toBe('kept');
  });

  it('overwrites one where it is asked to, and makes one that is not there', () => {
    const path = join(folder, 'replaced');
    writeFileSync(path, 'much longer than a line of a record could ever be'.repeat(9));
    for (let round = 0; round < 2; round++) {
      const writer = ResultWriter.open(path, 'steady', { overwrite: true });
      writer.append(RECORD);
      writer.close();
      expect(readFileSync(path, 'utf8')).toBe(LINE);
      rmSync(path);
    }
    expect(() => ResultWriter.open(folder, 'steady', { overwrite: true })).toThrow(/is a folder/);
  });

  it('leaves a file that is to be overwritten as it was where there is nothing to write', () => {
    const path = join(folder, 'old');
    writeFileSync(path, 'kept');
    ResultWriter.open(path, 'steady', { overwrite: true }).close();
    expect(readFileSync(path, 'utf8')).toBe('kept');
  });

  it('writes no password', () => {
    const path = join(folder, 'masked');
    const writer = ResultWriter.open(path, 'steady');
    writer.append({
      ...RECORD,
      reason: 'as postgres://u:hush@h said "password=\'hu sh\'"',
    } as never);
    writer.close();
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain('hush');
    expect(JSON.parse(text)).toMatchObject({ reason: 'as postgres://u:***@h said "password=***"' });
  });

  it('says what is wrong with a place that cannot be written', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => ResultWriter.open(join(file, 'x'), 'steady')).toThrow(
      /a part of the path is a file/,
    );
    expect(() => ResultWriter.open(folder, 'steady')).toThrow(/it is a folder/);
    expect(() => ResultWriter.open(join(folder, 'no', 'x'), 'steady')).toThrow(
      /its folder does not exist/,
    );
  });

  it('writes on where the system takes fewer bytes than it is given', () => {
    const path = join(folder, 'short');
    const few: typeof writeSync = (fd: number, bytes: unknown, at?: unknown, length?: unknown) =>
      writeSync(fd, bytes as Buffer, at as number, Math.min(3, length as number));
    const writer = new ResultWriter(fileSink(openSync(path, 'wx'), few), path);
    writer.append(RECORD);
    writer.close();
    expect(readFileSync(path, 'utf8')).toBe(LINE);
  });

  it('keeps the first failure, writes nothing after it, and does not throw', () => {
    const error = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    let calls = 0;
    const sink = {
      write() {
        calls++;
        throw error;
      },
      close() {},
    };
    const writer = new ResultWriter(sink, 'x.ndjson');
    writer.append(RECORD);
    writer.append(RECORD);
    writer.close();
    expect(calls).toBe(1);
    expect(writer.failure).toMatchObject({ code: 'RESULT_NOT_WRITTEN', exit: 'internal' });
    expect(writer.failure?.message).toMatch(/^x\.ndjson could not be written: the disk is full/);
  });

  it.runIf(process.platform === 'linux')('tells of a full disk', () => {
    const writer = ResultWriter.open('/dev/full', 'steady');
    writer.append(RECORD);
    writer.close();
    expect(writer.failure?.message).toContain('the disk is full');
  });

  it('leaves no file behind, and names none, where nothing of it could be written', async () => {
    const path = join(folder, 'full');
    const full = () => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    };
    const writer = new ResultWriter(fileSink(openSync(path, 'wx'), full), path);
    writer.append(RECORD);
    expect(writer.failure?.message).toBe(
      `${path} could not be written: the disk is full; free some space, or write elsewhere with --out (ENOSPC)`,
    );
    expect(await writer.finish(NEVER)).toBeNull();
    writer.close();
    expect(existsSync(path)).toBe(false);
  });

  it('names the file that it has written, and a file that was cut short by a full disk', async () => {
    const path = join(folder, 'there');
    const whole = ResultWriter.open(path, 'steady');
    whole.append(RECORD);
    expect(await whole.finish(NEVER)).toBe(path);
    expect(whole.failure).toBeUndefined();
    whole.close();
    let calls = 0;
    const fills: typeof writeSync = (fd: number, bytes: unknown) => {
      if (++calls > 1) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      return writeSync(fd, bytes as Buffer);
    };
    const short = new ResultWriter(fileSink(openSync(`${path}2`, 'wx'), fills), `${path}2`);
    short.append(RECORD);
    short.append(RECORD);
    expect(await short.finish(NEVER)).toBe(`${path}2`);
    expect(short.failure?.message).toMatch(
      /2 has only the first part of the result, because it could not be written/,
    );
    short.close();
  });

  it.each<[string, (path: string) => void, RegExp, boolean]>([
    ['removed', (path) => rmSync(path), /run no longer exists: it was removed/, false],
    [
      'removed with its folder',
      (path) => rmSync(join(path, '..'), { recursive: true }),
      /run no longer exists: it was removed/,
      false,
    ],
    [
      'replaced',
      (path) => {
        rmSync(path);
        writeFileSync(path, 'another');
      },
      /run is another file: it was replaced/,
      true,
    ],
    [
      'cut off',
      (path) => truncateSync(path, 3),
      /run was shortened by another program during the run/,
      true,
    ],
    [
      'written to',
      (path) => appendFileSync(path, LINE),
      /run was written to by another program during the run/,
      true,
    ],
  ])('tells that its file was %s by others', async (_, change, message, isThere) => {
    for (const overwrite of [false, true]) {
      const inside = join(folder, String(overwrite));
      mkdirSync(inside);
      const path = join(inside, 'run');
      if (overwrite) writeFileSync(path, 'what was there before, which is longer than a record');
      const writer = ResultWriter.open(path, 'steady', { overwrite });
      writer.append(RECORD);
      change(path);
      writer.append(RECORD);
      expect(await writer.finish(NEVER)).toBe(isThere ? path : null);
      expect(writer.failure).toMatchObject({ code: 'RESULT_LOST', exit: 'internal' });
      expect(writer.failure?.message).toMatch(message);
      writer.close();
    }
  });

  it('writes nothing where no file is wanted', async () => {
    process.chdir(folder);
    const writer = ResultWriter.open(false, 'steady');
    writer.append(RECORD);
    expect(await writer.finish(NEVER)).toBeNull();
    writer.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has C1 and direction characters as escapes, which read as the same text', () => {
    const path = join(folder, 'escaped');
    const reason = '\u009b2J\u202e\u2028';
    const writer = ResultWriter.open(path, 'steady');
    writer.append({ ...RECORD, reason });
    writer.close();
    const line = readFileSync(path, 'utf8');
    expect(line).toContain('"reason":"\\u009b2J\\u202e\\u2028"');
    expect(JSON.parse(line)).toEqual({ ...RECORD, reason });
  });

  it('writes to standard output without ending it', async () => {
    const stdout = new PassThrough();
    const writer = ResultWriter.open('-', 'steady', { stdout });
    writer.append(RECORD);
    writer.close();
    expect(stdout.writableEnded).toBe(false);
    stdout.end();
    expect(await text(stdout)).toBe(LINE);
    expect(writer.path).toBeNull();
  });

  it('takes a reader that has gone for no failure', () => {
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done() });
    const writer = ResultWriter.open('-', 'steady', { stdout });
    stdout.emit('error', Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
    writer.append(RECORD);
    expect(writer.failure).toBeUndefined();
  });
});
