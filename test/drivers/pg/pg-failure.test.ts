import pg from 'pg';
import { expect, it } from 'vitest';
import { describePgError } from '../../../src/drivers/pg/pg-failure.ts';

const INT8 = 20;

it('a column whose bytes are not what its type says is not Postgres', () => {
  const parse = pg.types.getTypeParser(INT8, 'binary');
  expect(() => parse(Buffer.alloc(4))).toThrow(RangeError);
  expect(
    describePgError(
      catchError(() => parse(Buffer.alloc(4))),
      'query',
    ),
  ).toMatchObject({
    layer: 'protocol',
    phase: 'query',
    code: 'NOT_POSTGRES',
    message: expect.stringContaining('a value that pg cannot read'),
  });
});

function catchError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
