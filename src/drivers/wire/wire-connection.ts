import type { TLSSocket } from 'node:tls';
import { serialize } from 'pg-protocol';
import type { Attempt } from '../driver.ts';
import { closedByServer, describeSocketError, noAlpn, noTls } from '../failure.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { LifecycleOwner } from '../lifecycle/lifecycle-owner.ts';
import { LoginFindings } from '../login/login-findings.ts';
import { ERROR_RESPONSE } from '../protocol/message-types.ts';
import { judgeSslReply, SSL_YES } from '../protocol/ssl-reply.ts';
import type { Link, LinkOwner, LinkProblem } from '../transport/link.ts';
import { isPostgresProtocol } from '../transport/tls.ts';
import { ServerMessages, type ServerMessagesOwner } from './server-messages.ts';
import type { WireDriverParts } from './wire-driver-parts.ts';

/**
 * One attempt on its own socket, and the connection that it opens. Makes the TCP connection, settles TLS by sslmode and
 * the server's reply, and writes. ServerMessages reads what comes after that. The lifecycle decides what events mean.
 */
export class WireConnection implements LinkOwner, LifecycleOwner, ServerMessagesOwner {
  private readonly driver: WireDriverParts;
  private readonly life: Lifecycle;
  private link: Link;
  /** Exists from the first message on. */
  private messages: ServerMessages | undefined = undefined;
  /** Set once the TLS handshake begins. */
  secured: TLSSocket | undefined = undefined;
  /** Set only if findings are collected. */
  findings: LoginFindings | undefined = undefined;

  constructor(driver: WireDriverParts, attempt: Attempt) {
    this.driver = driver;
    this.life = new Lifecycle(driver, this, attempt);
    this.link = driver.createLink(this, attempt);
  }

  /** Starts the attempt. Call it once. */
  open(): void {
    this.life.start();
    this.link.connect();
  }

  /** Returns an object in which what the login shows is noted. */
  collectFindings(): LoginFindings {
    this.findings ??= new LoginFindings();
    return this.findings;
  }

  /** See Lifecycle. */
  askAgain(): boolean {
    return this.life.askAgain();
  }

  established(): void {
    const { life, driver } = this;
    if (!life.connected()) return;
    const { sslmode, tls } = driver.endpoint;
    if (sslmode === 'disable') {
      this.startLogin();
    } else if (tls?.negotiation === 'direct') {
      this.startDirectTls();
    } else {
      life.enter('ssl-reply');
      this.link.write(driver.messages.sslRequest);
    }
    driver.sink.turned();
  }

  receive(buffer: Buffer, length: number): void {
    this.take(buffer, length);
    this.driver.sink.turned();
  }

  ended(): void {
    const { life } = this;
    if (life.stage === 'closing') life.serverEnded(this.secured !== undefined);
    else life.broken(this.messages?.describeUnfinished() ?? closedByServer(life.phase));
  }

  broken(problem: LinkProblem): void {
    const { life } = this;
    life.broken(describeSocketError(problem, life.phase));
  }

  askQuery(number: number): void {
    const { statements } = this.driver.messages;
    const message = statements[number % statements.length];
    if (message !== undefined) this.link.write(message);
  }

  askRole(statement: string): void {
    this.link.write(serialize.query(statement));
  }

  askAge(): void {
    this.link.write(this.driver.messages.ageQuery);
  }

  write(message: Buffer): void {
    this.link.write(message);
  }

  leave(): boolean {
    const { plan, messages } = this.driver;
    const isServerFirst = plan.close === 'server-first';
    if (isServerFirst) this.link.keepOpen();
    if (plan.close === 'reset') this.link.reset();
    else this.link.write(messages.terminate);
    return isServerFirst;
  }

  drop(): void {
    // The kernel has what was written already: libuv writes at once if the socket takes it.
    this.link.close();
  }

  get hasHeard(): boolean {
    return this.messages !== undefined;
  }

  get derivingUs(): number | undefined {
    return this.messages?.derivingUs;
  }

  private take(buffer: Buffer, length: number): void {
    const { stage } = this.life;
    // After Terminate only the server's end counts. What it still sends is ignored.
    if (stage === 'over' || stage === 'closing') return;
    if (stage === 'ssl-reply' && this.messages === undefined) this.handleSslReply(buffer, length);
    else this.receiveMessages(buffer, length);
  }

  private receiveMessages(buffer: Buffer, length: number): void {
    this.messages ??= new ServerMessages(this.driver, this.life, this);
    this.messages.receive(buffer, length);
  }

  private startLogin(): void {
    this.life.enter('login');
    this.link.write(this.driver.messages.startup);
  }

  /** Handles the one byte, or the ErrorResponse of a server or pooler that refuses before TLS is settled. */
  private handleSslReply(buffer: Buffer, length: number): void {
    if (buffer[0] === ERROR_RESPONSE) {
      this.receiveMessages(buffer, length);
      return;
    }
    const problem = judgeSslReply(buffer, length);
    if (problem !== undefined) {
      this.life.fail(problem);
      return;
    }
    this.life.spawned('sslrequest');
    if (buffer[0] === SSL_YES) this.startHandshake();
    else this.goOnWithoutTls(buffer.subarray(1, length));
  }

  /**
   * Goes on without TLS if sslmode permits it. `refusal`: the server's bytes behind its `N`; empty if it waits for us.
   */
  private goOnWithoutTls(refusal: Buffer): void {
    const { sslmode } = this.driver.endpoint;
    if (sslmode !== 'prefer') this.life.fail(noTls(sslmode));
    else {
      this.startLogin();
      if (refusal.length > 0) this.receiveMessages(refusal, refusal.length);
    }
  }

  private startHandshake(): TLSSocket {
    const { tlsOptions } = this.driver;
    if (tlsOptions === undefined) throw new Error('a TLS handshake under sslmode=disable');
    this.life.enter('handshake');
    const { link, secured } = this.link.secure(tlsOptions);
    this.link = link;
    this.secured = secured;
    secured.once('secureConnect', () => this.handleSecured(secured));
    return secured;
  }

  /** Starts a TLS handshake without SSLRequest. The server's first bytes are its hello: its half of the handshake. */
  private startDirectTls(): void {
    // This is the first event of a handshake: Node has read the server's hello, and derived keys from it.
    this.startHandshake().once('keylog', () => {
      if (this.life.stage === 'handshake') this.life.spawned('tls');
    });
  }

  private handleSecured(secured: TLSSocket): void {
    if (!this.life.encrypted()) return;
    this.findings?.noteTls(secured);
    const isDirect = this.driver.endpoint.tls?.negotiation === 'direct';
    if (isDirect && !isPostgresProtocol(secured)) this.life.fail(noAlpn());
    else this.startLogin();
  }
}
