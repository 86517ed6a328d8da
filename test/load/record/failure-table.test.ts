import { describe, expect, it } from 'vitest';
import {
  allocateFailureTable,
  FailureReader,
  FailureWriter,
} from '../../../src/load/record/failure-table.ts';
import type { Failure } from '../../../src/model/measures.ts';

const refused: Failure = { layer: 'server', phase: 'auth', code: '53300', message: 'too many' };

function openTable(): { writer: FailureWriter; reader: FailureReader } {
  const memory = allocateFailureTable();
  return { writer: new FailureWriter(memory), reader: new FailureReader(memory) };
}

describe('the failure table', () => {
  it('gives one number to failures that differ only in numbers, and keeps the first as the sample', () => {
    const { writer, reader } = openTable();
    const first = { ...refused, message: 'backend 4711 is gone' };
    expect(writer.idOf(first)).toBe(1);
    expect(writer.idOf({ ...first, message: 'backend 12 is gone' })).toBe(1);
    expect(writer.idOf({ ...first, phase: 'ready' })).toBe(2);
    expect(reader.get(1)).toEqual(first);
    expect(reader.get(2).phase).toBe('ready');
  });

  it('keeps 200 characters whole, whatever they are', () => {
    const { writer, reader } = openTable();
    for (const character of ['\u0000', '"', '\u20ac', '\ud83d\ude00']) {
      const failure = { ...refused, message: character.repeat(200 / character.length) };
      expect(reader.get(writer.idOf(failure))).toEqual(failure);
    }
  });

  it('counts what is beyond its limit as OTHER of its layer and phase', () => {
    const { writer, reader } = openTable();
    const word = (i: number): string => String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26));
    const ids = Array.from({ length: 400 }, (_, i) =>
      writer.idOf({ ...refused, message: word(i) }),
    );
    expect(new Set(ids).size).toBe(251);
    expect(reader.get(ids.at(-1) ?? 0)).toMatchObject({
      layer: 'server',
      phase: 'auth',
      code: 'OTHER',
    });
  });
});
