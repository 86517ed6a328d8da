import { expect, it } from 'vitest';
import { describePgError } from '../../../src/drivers/pg/pg-failure.ts';
import { PgGuard } from '../../../src/drivers/pg/pg-guard.ts';
import * as messages from '../../support/servers/known/messages.js';

const { message } = messages;
const SOUND = Buffer.concat([
  messages.authentication('ok'),
  messages.PARAMETERS,
  messages.NOTICE,
  messages.errorResponse('FATAL', '57P01', 'terminating connection'),
  messages.READY_FOR_QUERY,
]);

it.each<[string, Buffer, string | undefined]>([
  ['nothing else', Buffer.alloc(0), undefined],
  ['an error without an end', message('E', Buffer.from('C53300\0Msorry')), '53300'],
  ['a notice without an end', message('N', Buffer.from('C00000\0M')), 'NOT_POSTGRES'],
  ['fields that end in the next message', message('E', Buffer.from('C53300')), '53300'],
  ['an empty error', message('E'), 'XX000'],
  ['a length word of 3', Buffer.from('Z\0\0\0\x03I', 'latin1'), 'NOT_POSTGRES'],
  // Who asked for authentication has forked: it is a message of a length that never comes.
  ['a text of protocol 2', Buffer.from('Ecould not fork\n\0'), undefined],
  ['a length that never comes', Buffer.from('Z\x7f\0\0\0I', 'latin1'), undefined],
])('admits what is sound before %s, cut anywhere', (_, odd, code) => {
  const stream = Buffer.concat([SOUND, odd, messages.READY_FOR_QUERY]);
  for (let cut = 1; cut < stream.length; cut++) {
    const guard = new PgGuard();
    const pieces = [stream.subarray(0, cut), stream.subarray(cut)];
    const admitted = Buffer.concat(pieces.map((piece) => guard.admit(piece)));
    // What is cut off may be admitted too, but never the end of it.
    const least = odd.length === 0 ? stream.length : SOUND.length;
    const most = odd.length === 0 ? stream.length : SOUND.length + odd.length;
    expect(admitted.length, `cut at ${cut}`).toBeGreaterThanOrEqual(least);
    expect(admitted.length, `cut at ${cut}`).toBeLessThanOrEqual(most);
    expect(admitted).toEqual(stream.subarray(0, admitted.length));
    const told = guard.problem && describePgError(guard.problem, 'ready').code;
    expect(told, `cut at ${cut}`).toBe(code);
  }
});

it('admits nothing more once the stream is broken', () => {
  const guard = new PgGuard();
  guard.admit(message('E', Buffer.from('C53300')));
  expect(guard.admit(SOUND)).toHaveLength(0);
});

it('breaks off at a text of protocol 2 that is the first word', () => {
  const guard = new PgGuard();
  guard.admit(Buffer.from('Ecould not fork\n\0'));
  expect(guard.problem && describePgError(guard.problem, 'spawn').code).toBe('V2_ERROR');
});

it('tells the severity of each error and notice in turn, untranslated', () => {
  const guard = new PgGuard();
  const warning = {
    severity: 'WARNING',
    code: '57P02',
    message: 'x',
    translated: 'WARNUNG',
  } as const;
  guard.admit(
    Buffer.concat([messages.say(warning), messages.errorResponse('FATAL', '57P01', 'y')]),
  );
  expect([guard.takeSeverity(), guard.takeSeverity(), guard.takeSeverity()]).toEqual([
    'WARNING',
    'FATAL',
    undefined,
  ]);
});

it('admits a long row of a result whole, and what is sound behind it', () => {
  const row = message('D', Buffer.alloc(100_000, 'x'));
  const odd = message('E', Buffer.from('C53300'));
  const stream = Buffer.concat([SOUND, row, messages.NOTICE, odd]);
  for (const size of [997, 65_536, stream.length]) {
    const guard = new PgGuard();
    const pieces = [];
    for (let at = 0; at < stream.length; at += size) pieces.push(stream.subarray(at, at + size));
    const admitted = Buffer.concat(pieces.map((piece) => guard.admit(piece)));
    expect(guard.problem).toBeDefined();
    // The beginning of what is cut off may be admitted, but never its end.
    const sound = stream.length - odd.length;
    expect(admitted.length).toBeGreaterThanOrEqual(sound);
    expect(admitted.length).toBeLessThan(stream.length);
    expect(admitted).toEqual(stream.subarray(0, admitted.length));
  }
});
