import { expect, it } from 'vitest';
import { describeFailure } from '../src/failure-text.ts';
import { listErrors } from '../src/report/run/errors.ts';
import { createPaint } from '../src/report/text/paint.ts';

it.each([
  ['53300', 'sorry, too many clients already', '53300 sorry, too many clients already'],
  ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', 'connect ECONNREFUSED 127.0.0.1:1'],
  ['ECONNRESET', 'read ECONNRESET', 'read ECONNRESET'],
  ['EMFILE', 'EMFILE: too many open files', 'EMFILE: too many open files'],
  ['CLOSED', 'the server CLOSED_IT', 'CLOSED the server CLOSED_IT'],
  ['TIMEOUT', 'no answer within 10 s', 'TIMEOUT no answer within 10 s'],
])('%s and %j are told as %j', (code, message, text) => {
  expect(describeFailure({ code, message })).toBe(text);
});

it('the table of errors names a code once', () => {
  const error = { layer: 'network', phase: 'tcp', count: 3, ledger: 'attempt' } as const;
  const list = (code: string, message: string) =>
    listErrors('errors', [{ ...error, code, message, normalised: message }], {
      columns: 80,
      paint: createPaint(false),
    });
  expect(list('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1')).toEqual({
    lines: ['errors', '3  network/tcp: connect ECONNREFUSED 127.0.0.1:1'],
  });
  expect(list('CLOSED', 'it closed')).toEqual({
    lines: ['errors', '3  network/tcp CLOSED: it closed'],
  });
});
