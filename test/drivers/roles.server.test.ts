import { describe, expect, it } from 'vitest';
import { createClock, readMonotonicUs } from '../../src/clock.ts';
import { Attempt, ONLY_TRY } from '../../src/drivers/driver.ts';
import { DRIVERS } from '../../src/drivers/drivers.ts';
import type { SessionAttrs } from '../../src/drivers/login/session-attrs.ts';
import type { Failure } from '../../src/model/measures.ts';
import { DRIVER_NAMES, type DriverName } from '../../src/scenario/schema/driver-name.ts';
import { errorResponse, READY_FOR_QUERY, textRow } from '../support/servers/known/messages.js';
import type { Behaviour } from '../support/servers/known-server.ts';
import { serveScript } from '../support/servers/scripted-server.ts';
import { serveTest } from '../support/servers/shared-server.ts';
import { DEAF_SINK, localEndpoint, PLAIN_PLAN } from '../support/synthetic/open-attempt.ts';

/** The role of a server, as target_session_attrs wants it, checked at each login. */

const PRIMARY: Behaviour = {
  parameters: { in_hot_standby: 'off', default_transaction_read_only: 'off' },
};
const STANDBY: Behaviour = {
  parameters: { in_hot_standby: 'on', default_transaction_read_only: 'off' },
};
const READ_ONLY: Behaviour = {
  parameters: { in_hot_standby: 'off', default_transaction_read_only: 'on' },
};
const OLD_PRIMARY: Behaviour = {
  tables: { pg_is_in_recovery: [{ pg_is_in_recovery: false }] },
  answers: { transaction_read_only: 'off' },
};
const OLD_STANDBY: Behaviour = {
  tables: { pg_is_in_recovery: [{ pg_is_in_recovery: true }] },
  answers: { transaction_read_only: 'on' },
};

async function logIn(
  name: DriverName,
  port: number,
  wanted: SessionAttrs,
): Promise<{ attempt: Attempt; failure?: Failure }> {
  const now = createClock(readMonotonicUs());
  return new Promise((resolve) => {
    const sink = {
      ...DEAF_SINK,
      connectionEnded: (attempt: Attempt) => resolve({ attempt }),
      failed: (attempt: Attempt, failure: Failure) => resolve({ attempt, failure }),
    };
    const endpoint = localEndpoint(port, { sslmode: 'disable' });
    const driver = new DRIVERS[name](endpoint, PLAIN_PLAN, sink, now);
    driver.open(new Attempt(0, 0, now(), now(), undefined, 0, { ...ONLY_TRY, wanted }));
  });
}

describe.each(DRIVER_NAMES)('a login of the %s driver', (name) => {
  it.each<[SessionAttrs, Behaviour, boolean]>([
    ['primary', PRIMARY, true],
    ['primary', STANDBY, false],
    ['primary', READ_ONLY, true],
    ['primary', OLD_PRIMARY, true],
    ['primary', OLD_STANDBY, false],
    ['standby', PRIMARY, false],
    ['standby', STANDBY, true],
    ['standby', OLD_STANDBY, true],
    ['prefer-standby', PRIMARY, false],
    ['prefer-standby', STANDBY, true],
    ['read-write', PRIMARY, true],
    ['read-write', STANDBY, false],
    ['read-write', READ_ONLY, false],
    ['read-write', OLD_PRIMARY, true],
    ['read-write', OLD_STANDBY, false],
    ['read-only', PRIMARY, false],
    ['read-only', READ_ONLY, true],
    ['read-only', OLD_STANDBY, true],
    ['any', STANDBY, true],
  ])('that wants %s at %j is ok: %s', async (wanted, behaviour, fits) => {
    const { port } = await serveTest(behaviour);
    const { attempt, failure } = await logIn(name, port, wanted);
    expect(failure === undefined).toBe(fits);
    expect(attempt.readyUs > 0).toBe(fits);
    if (failure === undefined) return;
    expect(failure).toMatchObject({ layer: 'server', phase: 'ready', code: 'SESSION_ATTRS' });
    expect(failure.message).toContain(`target_session_attrs=${wanted}`);
  });

  it('leaves a server of the wrong role with Terminate, and asks it once if the login was silent', async () => {
    const { port, received } = await serveScript([textRow('on')]);
    const { failure } = await logIn(name, port, 'read-write');
    expect(failure?.message).toBe('the server is read-only (target_session_attrs=read-write)');
    expect((await received).map(String)).toEqual([
      'Q\0\0\0\x1fSHOW transaction_read_only\0',
      'X\0\0\0\x04',
    ]);
  });

  it('fails as SESSION_ATTRS if the server answers the question with an error', async () => {
    const error = errorResponse('ERROR', '42501', 'no');
    const { port, received } = await serveScript([Buffer.concat([error, READY_FOR_QUERY])]);
    const { failure } = await logIn(name, port, 'primary');
    expect(failure).toMatchObject({ layer: 'server', phase: 'ready', code: 'SESSION_ATTRS' });
    expect(failure?.message).toContain('SELECT pg_catalog.pg_is_in_recovery() failed: 42501 no');
    expect((await received).at(-1)?.toString('latin1', 0, 1)).toBe('X');
  });

  it('sends nothing more to a server of any role if any is wanted', async () => {
    const { port, received } = await serveScript([]);
    expect((await logIn(name, port, 'any')).failure).toBeUndefined();
    expect((await received).map(String)).toEqual(['X\0\0\0\x04']);
  });
});
