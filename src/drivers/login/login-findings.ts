import type { TLSSocket } from 'node:tls';
import type { LoginExchange } from './login-exchange.ts';

/** What the login of one connection showed; collected for the preflight, not in the storm. */
export class LoginFindings {
  /** E.g. `TLSv1.3 TLS_AES_256_GCM_SHA384`; null without TLS. */
  tls: string | null = null;
  /** As pg_hba.conf calls it; `trust` when the server asked for nothing. */
  auth = 'trust';
  /** By channel binding, to the server's certificate. */
  isBound = false;
  /** What the server reports by itself, e.g. `server_version`. */
  parameters: Record<string, string> = {};
  backendPid: number | null = null;
  /**
   * Of a login that is refused: the server asked for no password, or has shown that it knows ours. undefined: it may have found
   * ours wrong.
   */
  password: 'unasked' | 'right' | undefined = undefined;

  noteTls(secure: TLSSocket): void {
    this.tls = `${secure.getProtocol() ?? 'TLS'} ${secure.getCipher().name}`;
  }

  /** Of an exchange that has succeeded. */
  noteAuth({ method, isBound }: Pick<LoginExchange, 'method' | 'isBound'>): void {
    this.auth = method ?? 'trust';
    this.isBound = isBound;
  }

  /** Of an exchange that a refusal ends; undefined where none had begun. `accepted`: the server had said Ok. */
  noteRefusal(
    exchange: Pick<LoginExchange, 'method' | 'isVerified'> | undefined,
    accepted: boolean,
  ): void {
    if (exchange?.method === undefined) this.password = 'unasked';
    else if (exchange.isVerified || accepted) this.password = 'right';
  }

  /** A ParameterStatus: name NUL value NUL. */
  noteParameter(buffer: Buffer, start: number, end: number): void {
    const [name, value] = buffer.toString('utf8', start, end).split('\0');
    if (name !== undefined && value !== undefined) this.parameters[name] = value;
  }

  /** A BackendKeyData: pid, secret key. */
  noteBackendKey(buffer: Buffer, start: number, end: number): void {
    if (end - start >= 4) this.backendPid = buffer.readInt32BE(start);
  }
}
