import type { TLSSocket } from 'node:tls';
import type { Boundary } from '../../result/records/measures.ts';
import { noAlpn, noTls } from '../failure.ts';
import type { LoginFindings } from '../login/login-findings.ts';
import { ERROR_RESPONSE } from '../protocol/message-types.ts';
import { judgeSslReply, SSL_YES } from '../protocol/ssl-reply.ts';
import { isPostgresProtocol } from '../transport/tls.ts';
import { AttemptedConnection } from './attempted-connection.ts';

/** From connect() to the StartupMessage: the TCP connection, and TLS as sslmode and the server want it. */
export abstract class OpeningConnection extends AttemptedConnection {
  /** Collected where somebody asks for them. */
  protected findings: LoginFindings | undefined = undefined;

  established(): void {
    if (this.stage !== 'connecting') return;
    this.attempt.establishedUs = this.shared.now();
    const { sslmode, tls } = this.shared.endpoint;
    if (sslmode === 'disable') {
      this.startLogin();
    } else if (tls?.negotiation === 'direct') {
      this.startDirectTls();
    } else {
      this.stage = 'ssl-reply';
      this.link.write(this.shared.messages.sslRequest);
    }
    this.shared.sink.turned();
  }

  receive(buffer: Buffer, length: number): void {
    this.take(buffer, length);
    this.shared.sink.turned();
  }

  protected abstract receiveMessages(buffer: Buffer, length: number): void;

  protected stampSpawn(boundary: Boundary): void {
    this.attempt.spawnedUs = this.shared.now();
    this.attempt.boundary = boundary;
  }

  private take(buffer: Buffer, length: number): void {
    // Behind Terminate only the server's end counts, whatever it still sends.
    if (this.stage === 'over' || this.stage === 'closing') return;
    if (this.stage === 'ssl-reply' && this.frames === undefined) {
      this.handleSslReply(buffer, length);
    } else {
      this.receiveMessages(buffer, length);
    }
  }

  private startLogin(): void {
    this.stage = 'login';
    this.link.write(this.shared.messages.startup);
  }

  /** One byte, or the ErrorResponse of a server or pooler that refuses before TLS is settled. */
  private handleSslReply(buffer: Buffer, length: number): void {
    if (buffer[0] === ERROR_RESPONSE) {
      this.receiveMessages(buffer, length);
      return;
    }
    const problem = judgeSslReply(buffer, length);
    if (problem !== undefined) {
      this.fail(problem);
      return;
    }
    this.stampSpawn('sslrequest');
    if (buffer[0] === SSL_YES) this.startHandshake();
    else this.goOnWithoutTls(buffer.subarray(1, length));
  }

  /** `refusal`: what the server said behind its `N`; empty where it waits for us. */
  private goOnWithoutTls(refusal: Buffer): void {
    const { sslmode } = this.shared.endpoint;
    if (sslmode !== 'prefer') this.fail(noTls(sslmode));
    else {
      this.startLogin();
      if (refusal.length > 0) this.receiveMessages(refusal, refusal.length);
    }
  }

  private startHandshake(): TLSSocket {
    const { tlsOptions } = this.shared;
    if (tlsOptions === undefined) throw new Error('a TLS handshake under sslmode=disable');
    this.stage = 'handshake';
    const { link, secured } = this.link.secure(tlsOptions);
    this.link = link;
    this.secured = secured;
    secured.once('secureConnect', () => this.handleSecured(secured));
    return secured;
  }

  /** The server's first bytes are its hello, which holds its half of the handshake. */
  private startDirectTls(): void {
    // The first thing that Node tells of a handshake: the server's hello has been read, and gives keys.
    this.startHandshake().once('keylog', () => {
      if (this.stage === 'handshake') this.stampSpawn('tls');
    });
  }

  private handleSecured(secured: TLSSocket): void {
    if (this.stage !== 'handshake') return;
    this.attempt.encryptedUs = this.shared.now();
    this.findings?.noteTls(secured);
    const isDirect = this.shared.endpoint.tls?.negotiation === 'direct';
    if (isDirect && !isPostgresProtocol(secured)) this.fail(noAlpn());
    else this.startLogin();
  }
}
