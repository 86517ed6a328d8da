// @ts-check

import { setImmediate } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { GSSENC_REQUEST, NOTICE, SSL_REQUEST } from './messages.js';

const LONGEST_PACKET = 10_000;

/** The client has gone, or was sent away: nothing more to say. */
export class Over extends Error {}

/** One client's socket: whole packets in, messages out in the way that the behaviour wants them. */
export class Peer {
  /** @type {import('node:net').Socket} */
  #raw;
  /** @type {import('node:stream').Duplex} */
  #stream;
  #received = Buffer.alloc(0);
  /** @type {{ length: number, resolve: () => void, reject: (reason: Error) => void } | null} */
  #waiting = null;
  #sent = 0;
  #behaviour;
  /** The client's; null on a Unix socket. @type {number | null} */
  clientPort;
  /** The client has gone. */
  closed = false;
  /** We have ended the connection. */
  ended = false;

  /** @param {import('node:net').Socket} socket @param {import('./behaviour.js').Behaviour} behaviour */
  constructor(socket, behaviour) {
    this.#raw = socket;
    this.#stream = socket;
    this.#behaviour = behaviour;
    this.clientPort = socket.remotePort ?? null;
    socket.on('close', () => this.#fail());
    this.#listen(socket);
  }

  /**
   * A packet without a type: StartupMessage, SSLRequest, CancelRequest.
   *
   * @returns {Promise<{ code: number, body: Buffer }>} `code`: the protocol's version or the request's number.
   */
  async readStartupPacket() {
    const head = await this.#take(8);
    const length = checkLength(head.readInt32BE(0), 8);
    const code = head.readInt32BE(4);
    const body = await this.#take(length - 8);
    if ((code === SSL_REQUEST || code === GSSENC_REQUEST) && this.#received.length > 0) {
      throw new Error('bytes sent before the reply to SSLRequest was there');
    }
    return { code, body };
  }

  /** @returns {Promise<{ type: string, body: Buffer }>} */
  async readMessage() {
    const head = await this.#take(5);
    const length = checkLength(head.readInt32BE(1), 4);
    return { type: head.toString('latin1', 0, 1), body: await this.#take(length - 4) };
  }

  /** Waits for the client to send something, and takes it not. @returns {Promise<number>} Its first byte. */
  async waitForBytes() {
    await this.#await(1);
    return this.#received[0] ?? 0;
  }

  /** Sends messages, each after its notices, all in one write. @param {...Buffer} messages */
  async sendMessages(...messages) {
    const notices = this.#behaviour.notices ?? 0;
    if (notices === 0) return this.send(Buffer.concat(messages));
    const before = Buffer.concat(Array(notices).fill(NOTICE));
    await this.send(Buffer.concat(messages.flatMap((message) => [before, message])));
  }

  /** Sends bytes as they are; ends the connection where `closeAfterBytes` says so. @param {Buffer} bytes */
  async send(bytes) {
    if (this.closed) throw new Over();
    const left = (this.#behaviour.closeAfterBytes ?? Infinity) - this.#sent;
    const allowed = bytes.length < left ? bytes : bytes.subarray(0, left);
    this.#sent += allowed.length;
    await this.#write(allowed);
    if (bytes.length >= left) this.end();
  }

  /** FIN, and nothing more; what the client still sends is read and dropped. */
  end() {
    this.ended = true;
    this.#stream.end();
    throw new Over();
  }

  reset() {
    this.ended = true;
    this.#raw.resetAndDestroy();
    throw new Over();
  }

  /**
   * The server's side of the TLS handshake.
   *
   * @param {import('node:tls').SecureContext} secureContext @param {string[]} protocols For ALPN.
   */
  startTls(secureContext, protocols) {
    this.#raw.removeAllListeners('data');
    this.#raw.pause();
    if (this.#received.length > 0) this.#raw.unshift(this.#received);
    this.#received = Buffer.alloc(0);
    const alpn = protocols.length === 0 ? {} : { ALPNProtocols: protocols };
    this.#stream = new TLSSocket(this.#raw, { isServer: true, secureContext, ...alpn });
    this.#listen(this.#stream);
  }

  /** @param {Buffer} bytes */
  async #write(bytes) {
    if (!this.#behaviour.splitWrites) {
      this.#stream.write(bytes);
      return;
    }
    for (const byte of bytes) {
      if (this.closed) throw new Over();
      this.#stream.write(Buffer.from([byte]));
      await setImmediate();
    }
  }

  /** @param {import('node:stream').Duplex} stream */
  #listen(stream) {
    // A reset or a broken handshake: 'close' follows and tells it.
    stream.on('error', () => {});
    stream.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      if (this.#waiting !== null && this.#received.length >= this.#waiting.length) {
        this.#waiting.resolve();
        this.#waiting = null;
      }
    });
    stream.on('end', () => this.#fail());
  }

  #fail() {
    this.closed = true;
    this.#waiting?.reject(new Over());
    this.#waiting = null;
  }

  /** @param {number} length */
  async #take(length) {
    if (this.#received.length < length) await this.#await(length);
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }

  /** @param {number} length @returns {Promise<void>} */
  #await(length) {
    if (this.#received.length >= length) return Promise.resolve();
    if (this.closed) return Promise.reject(new Over());
    return new Promise((resolve, reject) => {
      this.#waiting = { length, resolve, reject };
    });
  }
}

/** @param {number} length @param {number} least */
function checkLength(length, least) {
  if (length >= least && length <= LONGEST_PACKET) return length;
  throw new Error(`a packet of ${length} bytes`);
}
