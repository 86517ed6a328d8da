import { expect, it } from 'vitest';
import { KeptOutput } from '../../../src/run/events/kept-output.ts';

const keep = (...chunks: string[]): KeptOutput => {
  const output = new KeptOutput();
  for (const chunk of chunks) output.add(Buffer.from(chunk));
  return output;
};

it('keeps a short output whole', () => {
  const output = keep('one\n', 'two\n');
  expect(output.text).toBe('one\ntwo\n');
  expect(output.droppedBytes).toBe(0);
});

it.each([
  ['in one piece', [`${'a'.repeat(4096)}${'b'.repeat(4096)}`]],
  ['in many pieces', [...'a'.repeat(4096), ...'b'.repeat(4096)]],
])('keeps two times 4 KiB whole, %s', (_, chunks) => {
  const output = keep(...chunks);
  expect(output.text).toBe(`${'a'.repeat(4096)}${'b'.repeat(4096)}`);
  expect(output.droppedBytes).toBe(0);
});

it.each([1, 7, 4096, 100_000])(
  'keeps the first and the last part of a long one, and counts what lies between, in pieces of %i',
  (size) => {
    const text = `first ${'x'.repeat(100_000)} last`;
    const output = new KeptOutput();
    for (let at = 0; at < text.length; at += size)
      output.add(Buffer.from(text.slice(at, at + size)));
    expect(output.droppedBytes).toBe(text.length - 8192);
    expect(output.text).toBe(
      `${text.slice(0, 4096)}\n... (${text.length - 8192} bytes)\n${text.slice(-4096)}`,
    );
  },
);
