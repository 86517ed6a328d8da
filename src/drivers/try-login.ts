import { createClock, readMonotonicUs } from '../clock.ts';
import type { Failure } from '../model/measures.ts';
import { type NoticeCount, NoticeTable } from '../model/notices.ts';
import { ABSENT, Attempt, type AttemptSink, type ConnectionPlan } from './driver.ts';
import type { Endpoint } from './endpoint.ts';
import { LoginFindings } from './login/login-findings.ts';
import { WireDriver } from './wire/wire.ts';

export type LoginResult =
  | {
      ok: true;
      /** E.g. `TLSv1.3 TLS_AES_256_GCM_SHA384`; null without TLS. */
      tls: string | null;
      /** As pg_hba.conf calls it: trust, password, md5, scram-sha-256. */
      auth: string | null;
      /** By channel binding, to the server's certificate. */
      isBound: boolean;
      /** ParameterStatus by name. */
      parameters: Record<string, string>;
      /** From BackendKeyData; a pooler's is its own invention. */
      backendPid: number | null;
      /** The setup notice came, which `options` ask for. */
      toldSetup: boolean;
      /** What the server or a pooler said beside its answers, each kind once; absent: nothing. */
      notices?: readonly NoticeCount[];
    }
  | {
      ok: false;
      failure: Failure;
      elapsedUs: number;
      /** Of a server's refusal: ours was not asked for, or is right; absent: it may be wrong. */
      password?: 'unasked' | 'right';
    };

/**
 * Opens one connection exactly as the storm will, and says Terminate. `options`: of a ServerTimesPlan. Resolves for
 * every outcome.
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
        const { password: _, ...found } = findings ?? new LoginFindings();
        const notices = table.list();
        const said = notices.length === 0 ? {} : { notices };
        resolve({ ok: true, ...found, toldSetup: attempt.serverSetupUs !== ABSENT, ...said });
      },
    };
    const plan: ConnectionPlan = {
      queries: 0,
      holdUs: 0,
      close: 'terminate',
      abandonAfterUs: undefined,
      timeoutUs,
      scramCache: true,
      localAddresses: [],
      serverTimes: { options, sampleEvery: undefined },
    };
    const driver = new WireDriver(endpoint, plan, sink, now);
    const attempt = new Attempt(0, 0, 0, 0);
    // A socket may fail before there is anything to find.
    findings = driver.openConnection(attempt).collectFindings();
  });
}
