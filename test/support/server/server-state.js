// @ts-check

import { createSecureContext } from 'node:tls';
import { createCertificate } from './certificate.js';
import { Postmaster } from './postmaster.js';
import { createVerifier } from './scram.js';

const DEFAULT_ITERATIONS = 4096;
const COMPLAINTS_KEPT = 20;

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
   * Whether the connection that has got to `at` is to be refused; asking counts it.
   *
   * @param {import('./behaviour.js').Stage} at @param {number} serial The connection's number, from 1.
   */
  shouldRefuse(at, serial) {
    const { refuseEvery, refusal, spareFirst = 0, postmaster } = this.behaviour;
    const { slots = Number.POSITIVE_INFINITY } = postmaster ?? {};
    if (at === 'startup' && this.cuts.size >= slots) return true;
    if (refuseEvery === undefined || (refusal?.at ?? 'startup') !== at) return false;
    if (serial <= spareFirst) return false;
    this.#refusalTurns += 1;
    return this.#refusalTurns % refuseEvery === 0;
  }

  /**
   * The fault that the connection which has got to `at` is to meet, if any; asking counts it.
   *
   * @param {import('./behaviour.js').Stage} at @param {number} serial The connection's number, from 1.
   */
  chooseFault(at, serial) {
    const { fault, spareFirst = 0 } = this.behaviour;
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
