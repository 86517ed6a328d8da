import type { TLSSocket } from 'node:tls';
import type { LoginExchange } from './login-exchange.ts';

/** Findings from the login of one connection. The preflight collects them; the storm does not. */
export class LoginFindings {
  /** TLS version and cipher, e.g. `TLSv1.3 TLS_AES_256_GCM_SHA384`; null without TLS. */
  tls: string | null = null;
  /** The method's name in pg_hba.conf; `trust` when the server asked for nothing. */
  auth = 'trust';
  /** Whether channel binding tied the login to the server's certificate. */
  isBound = false;
  /** The server's ParameterStatus values by name, e.g. `server_version`. */
  parameters: Record<string, string> = {};
  backendPid: number | null = null;
  /**
   * For a refused login. `unasked`: the server asked for no password. `right`: it has shown that it knows our password,
   * or had accepted the login. undefined: our password may be wrong.
   */
  password: 'unasked' | 'right' | undefined = undefined;

  noteTls(secure: TLSSocket): void {
    this.tls = `${secure.getProtocol() ?? 'TLS'} ${secure.getCipher().name}`;
  }

  /** Notes what an exchange that succeeded has shown. */
  noteAuth({ method, isBound }: Pick<LoginExchange, 'method' | 'isBound'>): void {
    this.auth = method ?? 'trust';
    this.isBound = isBound;
  }

  /**
   * Notes what is known of the password when the server refuses the login. `exchange`: undefined if none had begun.
   * `accepted`: the server had said Ok.
   */
  noteRefusal(
    exchange: Pick<LoginExchange, 'method' | 'isVerified'> | undefined,
    accepted: boolean,
  ): void {
    if (exchange?.method === undefined) this.password = 'unasked';
    else if (exchange.isVerified || accepted) this.password = 'right';
  }

  /** Notes a ParameterStatus: name NUL value NUL. */
  noteParameter(buffer: Buffer, start: number, end: number): void {
    const [name, value] = buffer.toString('utf8', start, end).split('\0');
    if (name !== undefined && value !== undefined) this.parameters[name] = value;
  }
}
