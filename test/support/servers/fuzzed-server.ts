import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createRandom } from '../../../src/scenario/plan/random.ts';
import { choose, mutate, pick, type Random, splitAnywhere } from '../synthetic/mutation.ts';
import { type Behaviour, createCounters } from './known/behaviour.js';
import { converse } from './known/conversation.js';
import { Peer } from './known/peer.js';
import { ServerState } from './known/server-state.js';

/** One connection in so many keeps its stream whole, so that something is ok too. */
const WHOLE_ONE_IN = 8;
/** Kinds of servers: each has keys of its own, which take too long to make for every connection. */
const KINDS = 32;
/** One damaged connection in so many leaves a client that waits for more alone with its timeout; the others end. */
const SILENT_ONE_IN = 8;
/** Between damage and the end: a client that can go on has gone on by then, mostly. */
const LEAVES_AFTER_MS = 50;
/** What one send of a connection is damaged by, at most. */
const MOST_MUTATIONS = 3;

/**
 * The known server with damage on its way out: what each connection meets is drawn from the seed and its number. It runs in this process, as its timing matters to nobody.
 */
export async function startFuzzedServer(
  seed: number,
): Promise<{ port: number; stop(): Promise<void> }> {
  const kinds = drawKinds(createRandom(seed));
  const sockets = new Set<Socket>();
  let serial = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    serial++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const random = createRandom(seed ^ Math.imul(serial, 0x9e3779b1));
    const state = choose(random, kinds);
    const behaviour = { ...state.behaviour, ...drawEnd(random) };
    void converse({ peer: new DamagingPeer(socket, behaviour, random), state, serial });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, stop: () => stop(server, sockets) };
}

async function stop(server: Server, sockets: Set<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

function drawKinds(random: Random): [ServerState, ...ServerState[]] {
  const draw = () => new ServerState(drawBehaviour(random), createCounters());
  return [draw(), ...Array.from({ length: KINDS - 1 }, draw)];
}

/** Some 600 bytes are a login with two queries: the end may come between any two messages, or within one. */
function drawEnd(random: Random): Behaviour {
  return pick(random, 8) === 0 ? { closeAfterBytes: 1 + pick(random, 600) } : {};
}

function drawBehaviour(random: Random): Behaviour {
  const isRefused = pick(random, 10) === 0;
  return {
    auth: choose(random, ['trust', 'password', 'md5', 'scram-sha-256']),
    // Few iterations: the derivation is not what is tried here.
    scram: { iterations: 16, advertisePlus: pick(random, 4) === 0 },
    notices: choose(random, [0, 0, 1, 3]),
    serverTimes: {
      totalMs: 5,
      forkMs: 1,
      authMs: 2,
      ...(pick(random, 2) === 0 ? { ageMs: 3 } : {}),
    },
    negotiateProtocolVersion: pick(random, 4) === 0,
    flushAuthenticationOk: pick(random, 4) === 0,
    ...(isRefused ? { refuseEvery: 1, refusal: { v2: pick(random, 2) === 0 } } : {}),
    ...(pick(random, 10) === 0 ? { fault: { at: 'query', how: 'query-error' } as const } : {}),
  };
}

/** Damages one of the first sends, and cuts every send into packets anywhere. */
class DamagingPeer extends Peer {
  readonly #random: Random;
  readonly #socket: Socket;
  readonly #isSilent: boolean;
  #sendsLeft: number;

  constructor(socket: Socket, behaviour: Behaviour, random: Random) {
    super(socket, behaviour);
    this.#random = random;
    this.#socket = socket;
    this.#isSilent = pick(random, SILENT_ONE_IN) === 0;
    const isWhole = pick(random, WHOLE_ONE_IN) === 0;
    this.#sendsLeft = isWhole ? Number.POSITIVE_INFINITY : pick(random, 5);
  }

  override async send(bytes: Buffer): Promise<void> {
    for (const piece of splitAnywhere(this.#random, this.#damage(bytes), 3)) {
      await super.send(piece);
      await setImmediate();
    }
  }

  #damage(bytes: Buffer): Buffer {
    if (this.#sendsLeft-- !== 0) return bytes;
    if (!this.#isSilent) setTimeout(() => this.#socket.end(), LEAVES_AFTER_MS);
    let damaged = bytes;
    for (let left = 1 + pick(this.#random, MOST_MUTATIONS); left > 0; left--) {
      damaged = mutate(this.#random, damaged);
    }
    return damaged;
  }
}
