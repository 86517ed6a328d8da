import { createClock, readMonotonicUs } from '../clock.ts';
import type { Failure } from '../model/measures.ts';
import { type NoticeCount, NoticeTable } from '../model/notices.ts';
import { ABSENT, Attempt, type AttemptSink, type ConnectionPlan } from './driver.ts';
import type { Endpoint } from './endpoint.ts';
import { LoginFindings } from './login/login-findings.ts';
import { OWN_CONNECTION } from './own-connection.ts';
import { WireDriver } from './wire/wire.ts';

export type LoginResult =
  | {
      ok: true;
      /** TLS version and cipher, e.g. `TLSv1.3 TLS_AES_256_GCM_SHA384`; null without TLS. */
      tls: string | null;
      /** The method's name in pg_hba.conf: trust, password, md5, scram-sha-256. */
      auth: string | null;
      /** Whether channel binding tied the login to the server's certificate. */
      isBound: boolean;
      /** ParameterStatus values by name. */
      parameters: Record<string, string>;
      /** From BackendKeyData. A pooler makes up its own. */
      backendPid: number | null;
      /** Whether the setup notice came that `options` ask for. */
      toldSetup: boolean;
      /** Notices of the server or a pooler, each kind once; absent: there were none. */
      notices?: readonly NoticeCount[];
    }
  | {
      ok: false;
      failure: Failure;
      elapsedUs: number;
      /** For a refusal by the server: our password was not asked for, or it is right. Absent: it may be wrong. */
      password?: 'unasked' | 'right';
    };

/**
 * Opens one connection exactly as the storm will, and sends Terminate. Resolves for every outcome. `options`: see
 * ServerTimesPlan.
 */
export function tryLogin(
  endpoint: Endpoint,
  timeoutUs: number,
  options?: string,
): Promise<LoginResult> {
  return new Promise((resolve) => {
    const now = createClock(readMonotonicUs());
    let findings: LoginFindings | undefined;
    const table = new NoticeTable();
    const sink: AttemptSink = {
      ready: () => {},
      firstQuery: () => {},
      usable: () => {},
      backendAge: () => {},
      cancelled: () => {},
      abandoned: () => {},
      turned: () => {},
      noticed: (_attempt, { code, message, severity = null }) =>
        table.add({ code, message, severity, count: 1 }),
      failed: (_attempt, failure, elapsedUs) => {
        const password = findings?.password;
        const known = password === undefined ? {} : { password };
        resolve({ ok: false, failure, elapsedUs, ...known });
      },
      connectionEnded: () => {
        const { password: _, backendKey: _key, ...found } = findings ?? new LoginFindings();
        const notices = table.list();
        const said = notices.length === 0 ? {} : { notices };
        resolve({ ok: true, ...found, toldSetup: attempt.serverSetupUs !== ABSENT, ...said });
      },
    };
    const plan: ConnectionPlan = {
      ...OWN_CONNECTION,
      holdUs: 0,
      timeoutUs,
      serverTimes: { options, sampleEvery: undefined },
    };
    const driver = new WireDriver(endpoint, plan, sink, now);
    const attempt = new Attempt(0, 0, 0, 0);
    // The socket may fail before there are findings.
    findings = driver.openConnection(attempt).collectFindings();
  });
}
