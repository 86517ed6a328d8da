// @ts-check

import { createSecureContext } from 'node:tls';
import { createCertificate } from './certificate.js';
import { Postmaster } from './postmaster.js';
import { createVerifier } from './scram.js';

const DEFAULT_ITERATIONS = 4096;
const COMPLAINTS_KEPT = 20;

const FIRST_PID = 40_000;

/** A backend behind a pooler that outlives the clients that it is handed on to. */
class Backend {
  #startMs = performance.now();
  /** The connection that has it now. @type {number | null} */
  user = null;
  pid;

  /** @param {number} pid */
  constructor(pid) {
    this.pid = pid;
  }

  /** What it tells of itself: its true age. @returns {import('./behaviour.js').ServerTimes} */
  tell() {
    const ageMs = Math.ceil(performance.now() - this.#startMs);
    return { totalMs: 1, forkMs: 0, authMs: 0, ageMs };
  }
}

/** What all conversations of one server share: its behaviour, its counters, its keys. */
export class ServerState {
  /** Ends a connection that has logged in with FATAL 57P01, one entry a connection. @type {Set<() => void>} */
  cuts = new Set();
  behaviour;
  counters;
  identity;
  /** One for all connections: making it costs more than a login. */
  secureContext;
  /** @type {Postmaster | null} */
  postmaster;
  /** @type {Promise<import('./scram.js').Verifier> | null} */
  #verifier = null;
  /**
   * What happens to every new connection, whatever the behaviour says: it is refused, or closed without a word as by a proxy that
   * is full; those that are there stay. undefined: nothing. @type {'refuse' | 'close' | undefined}
   */
  full = undefined;
  /** Of a pooler that hands them on. @type {Backend[]} */
  #backends = [];
  #refusalTurns = 0;
  #faultTurns = 0;

  /**
   * @param {import('./behaviour.js').Behaviour} behaviour
   * @param {import('./behaviour.js').Counters} counters
   */
  constructor(behaviour, counters) {
    this.behaviour = behaviour;
    this.counters = counters;
    this.postmaster = behaviour.postmaster ? new Postmaster(behaviour.postmaster) : null;
    this.identity = behaviour.identity ?? createCertificate();
    const { key, cert } = this.identity;
    this.secureContext = createSecureContext({ key, cert });
  }

  get password() {
    return this.behaviour.password ?? 'secret';
  }

  /** @returns {Promise<import('./scram.js').Verifier>} */
  createVerifier() {
    const { iterations = DEFAULT_ITERATIONS, freshSalt = false } = this.behaviour.scram ?? {};
    if (freshSalt) {
      this.counters.derivations += 1;
      return createVerifier(this.password, iterations);
    }
    this.#verifier ??= createVerifier(this.password, iterations);
    return this.#verifier;
  }

  /**
   * The backend of a connection that has logged in, by its pid: one of its own, or the next that nobody uses.
   *
   * @param {{ serial: number }} connection
   */
  takeBackend({ serial }) {
    if (!this.behaviour.handsOnBackends) return serial;
    const idle = this.#backends.find(({ user }) => user === null);
    const backend = idle ?? new Backend(FIRST_PID + this.#backends.length);
    if (idle === undefined) this.#backends.push(backend);
    backend.user = serial;
    return backend.pid;
  }

  /** @param {{ serial: number }} connection */
  releaseBackend({ serial }) {
    const backend = this.backendOf(serial);
    if (backend !== undefined) backend.user = null;
  }

  /** Of a pooler that hands on backends; undefined of any other server. @param {number} serial */
  backendOf(serial) {
    return this.#backends.find(({ user }) => user === serial);
  }

  /**
   * Whether the connection that has got to `at` is to be refused; asking counts it.
   *
   * @param {import('./behaviour.js').Stage} at @param {number} serial The connection's number, from 1.
   */
  shouldRefuse(at, serial) {
    const { refuseEvery, refusal, spareFirst = 0, postmaster } = this.behaviour;
    const { slots = Number.POSITIVE_INFINITY } = postmaster ?? {};
    if (at === 'startup' && (this.full === 'refuse' || this.cuts.size >= slots)) return true;
    if (refuseEvery === undefined || (refusal?.at ?? 'startup') !== at) return false;
    if (serial <= spareFirst) return false;
    this.#refusalTurns += 1;
    return this.#refusalTurns % refuseEvery === 0;
  }

  /**
   * The fault that the connection which has got to `at` is to meet, if any; asking counts it.
   *
   * @param {import('./behaviour.js').Stage} at @param {number} serial The connection's number, from 1.
   * @returns {import('./behaviour.js').Fault | null}
   */
  chooseFault(at, serial) {
    const { fault, spareFirst = 0 } = this.behaviour;
    if (this.full === 'close' && at === 'connect') return { at, how: 'close' };
    if (fault === undefined || fault.at !== at || serial <= spareFirst) return null;
    this.#faultTurns += 1;
    return this.#faultTurns % (fault.every ?? 1) === 0 ? fault : null;
  }

  /** @param {unknown} error */
  complain(error) {
    if (this.counters.complaints.length >= COMPLAINTS_KEPT) return;
    this.counters.complaints.push(error instanceof Error ? error.message : String(error));
  }
}
