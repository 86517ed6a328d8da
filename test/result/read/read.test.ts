import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { readResult } from '../../../src/result/read/read.ts';
import type { ResultRecord } from '../../../src/result/records/records.ts';
import { makeHeader } from '../../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader } from '../../support/synthetic/synthetic-variants.ts';

const HEADER = JSON.stringify(makeHeader());
const DECISION = JSON.stringify({
  type: 'decision',
  atUs: 1,
  decision: 'é'.repeat(99),
  reason: '',
});
const END = JSON.stringify({ type: 'end', atUs: 0, stoppedBy: 'end' });

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-read-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeFile(text: string): string {
  const path = join(folder, 'result.ndjson');
  writeFileSync(path, text);
  return path;
}

function readTypes(text: string) {
  const types: string[] = [];
  const reading = readResult(writeFile(text), ({ type }) => types.push(type));
  return { ...reading, types };
}

function tell(bytes: Uint8Array): string {
  try {
    readResult({ name: 'x', bytes }, () => {});
    return 'it is sound';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('readResult', () => {
  it('shows every record in its order, however the file falls into chunks', () => {
    const lines = [HEADER, ...new Array(2000).fill(DECISION), END];
    const decisions: string[] = [];
    const path = writeFile(`${lines.join('\n')}\n`);
    const { complete, header } = readResult(path, (record: ResultRecord) => {
      if (record.type === 'decision') decisions.push(record.decision);
    });
    expect(complete).toBe(true);
    expect(header.scenario).toBe('steady');
    expect(decisions).toHaveLength(2000);
    expect(new Set(decisions)).toEqual(new Set(['é'.repeat(99)]));
  });

  it('reads a file without an end as not complete', () => {
    expect(readTypes(`${HEADER}\n${DECISION}\n`)).toMatchObject({ complete: false });
  });

  it('leaves out a last line that was cut off, wherever it was', () => {
    for (let length = 1; length < DECISION.length; length += 7) {
      const { complete, types } = readTypes(`${HEADER}\n${DECISION}\n${DECISION.slice(0, length)}`);
      expect({ complete, types }).toEqual({ complete: false, types: ['header', 'decision'] });
    }
  });

  it('takes the file of a run of variants', () => {
    const header = JSON.stringify(makeVariantsHeader(['a', 'b']));
    expect(readTypes(`${header}\n${END}\n`)).toMatchObject({ complete: true });
    expect(readTypes(`${header}\n`)).toMatchObject({ complete: false });
  });

  it('takes a whole last line without its line feed', () => {
    expect(readTypes(`${HEADER}\n${END}`)).toMatchObject({ complete: true });
  });

  it('shows records of kinds it does not know, for the visitor to skip', () => {
    expect(readTypes(`${HEADER}\n{"type":"future"}\n${END}\n`).types).toContain('future');
  });

  it.each([
    ['', 'NOT_A_RESULT', /it is empty/],
    ['not json\n', 'NOT_A_RESULT', /its first line is no record/],
    ['not json', 'NOT_A_RESULT', /its first line is no record, and has no end$/],
    [HEADER.slice(0, 50), 'NOT_A_RESULT', / is cut off in its first line: /],
    [`${HEADER.slice(0, 50)}\n${END}\n`, 'RESULT_BROKEN', /:1 is damaged \(not a record\)/],
    [`[${HEADER.slice(1)}\n${END}\n`, 'RESULT_BROKEN', /:1 is damaged \(not a record\)/],
    [`${HEADER.replace('"type"', '"type')}\n${END}\n`, 'RESULT_BROKEN', /:1 is damaged/],
    [`${END}\n`, 'NOT_A_RESULT', /begins with "end", not a header/],
    ['{"type":"header","version":1}\n', 'NOT_A_RESULT', /its header is not one of connstorm/],
    ['{"type":"header","version":0}\n', 'NOT_A_RESULT', /has the version 0, expected 1, 2 or 3/],
    [
      '{"type":"header","version":"4"}\n',
      'NOT_A_RESULT',
      /has the version "4", expected 1, 2 or 3/,
    ],
    ['{"type":"header"}\n', 'NOT_A_RESULT', /has no version, expected 1, 2 or 3/],
    ...[
      { variants: [] },
      { variants: [{}] },
      { variants: [null] },
      { rounds: 5 },
      { rounds: [null] },
    ].map((damage): [string, string, RegExp] => [
      `${JSON.stringify({ ...makeVariantsHeader(['a']), ...damage })}\n`,
      'NOT_A_RESULT',
      /its header is not one of connstorm/,
    ]),
    [
      '{"type":"header","version":4,"connstorm":"9.0.0"}\n',
      'RESULT_TOO_NEW',
      /has version 4, and a newer connstorm \(9\.0\.0\) wrote it; this connstorm reads up to version 3: use a newer one$/,
    ],
    [
      '{"type":"header","version":4,"connstorm":"\\u001b[31m"}\n',
      'RESULT_TOO_NEW',
      /a newer connstorm \(\\x1b\[31m\) wrote it/,
    ],
    [
      '{"type":"header","version":4}\n',
      'RESULT_TOO_NEW',
      /has version 4, and a newer connstorm wrote it/,
    ],
    [`${HEADER}\n{"type":\n${END}\n`, 'RESULT_BROKEN', /:2 is damaged/],
    [`${HEADER}\n${HEADER}\n`, 'RESULT_BROKEN', /:2 is damaged \(a second header\)/],
  ])('refuses %j', (content, code, message) => {
    const path = writeFile(content);
    const read = () => readResult(path, () => {});
    expect(read).toThrow(UsageError);
    expect(read).toThrow(expect.objectContaining({ code }));
    expect(read).toThrow(message);
  });

  it('names the line of a record that its visitor cannot make sense of', () => {
    const path = writeFile(`${HEADER}\n${DECISION}\n`);
    const read = () =>
      readResult(path, ({ type }) => {
        if (type === 'decision') throw new TypeError('no such step');
      });
    expect(read).toThrow(`${path}:2 is damaged (no such step)`);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'says that a packed file is damaged where one bit was changed: bit %i',
    (bit) => {
      const packed = gzipSync(`${HEADER}\n${END}\n`);
      const told = new Set<string>();
      // Near the end it may take away the mark of the end, which nobody can tell from a cut.
      for (let at = 10; at < packed.length - 40; at++) {
        const changed = Buffer.from(packed);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        told.add(tell(changed));
      }
      for (const text of told) expect(text).toMatch(/^x(?::\d+)? is damaged \(/);
    },
  );

  it('says of a packed file that was cut off in its first line that it was', () => {
    const packed = gzipSync(`${HEADER}\n${END}\n`);
    expect(tell(packed.subarray(0, packed.length / 2))).toMatch(/^x is cut off in its first line/);
  });

  it('says which file may be meant where there is none', () => {
    const path = writeFile('');
    renameSync(path, `${path}.ndjson.gz`);
    const read = () => readResult(path, () => {});
    expect(read).toThrow(
      `${path} cannot be read: there is no such file; did you mean \`${path}.ndjson.gz\`?`,
    );
  });

  it('says why a file cannot be read', () => {
    expect(() => readResult(join(folder, 'none'), () => {})).toThrow(/there is no such file/);
    expect(() => readResult(folder, () => {})).toThrow(/it is a folder/);
  });
});
