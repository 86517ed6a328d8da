import type { Clock } from '../../clock.ts';
import { ABSENT } from '../../drivers/driver.ts';
import type { ClientsPlan } from '../../scenario/plan/plan.ts';
import { createRandom } from '../../scenario/plan/random.ts';
import type { Attempts } from '../record/attempts.ts';
import { EVENT } from '../record/event-ring.ts';
import { Agenda } from '../schedule/agenda.ts';
import type { Stripe } from '../schedule/arrivals.ts';
import type { Block } from '../schedule/block.ts';
import type { Source } from '../schedule/pacer.ts';
import { Client } from './client.ts';
import { findMomentOf, hasClients } from './client-numbers.ts';
import type { Sessions } from './sessions.ts';

/**
 * A client begins its next attempt at least this long after the start of a failed one. Otherwise the clients of a
 * server that refuses at once would try as fast as this machine can, and burn a CPU.
 */
const FAILED_PAUSE_US = 100_000;

/**
 * The closed loop: each client connects, holds the connection as the scenario says, thinks, and connects again. Client
 * k belongs to worker k mod W. A client that is due waits while there is no room. A client above the target number ends
 * after its cycle, and comes back when the number rises again.
 */
export class ClientLoop implements Source {
  readonly #block: Block;
  readonly #plan: ClientsPlan;
  readonly #attempts: Attempts;
  readonly #sessions: Sessions | undefined;
  readonly #now: Clock;
  readonly #due = new Agenda<Client>();

  constructor(
    block: Block,
    plan: ClientsPlan,
    stripe: Stripe,
    { attempts, sessions, now }: { attempts: Attempts; sessions: Sessions | undefined; now: Clock },
  ) {
    this.#block = block;
    this.#plan = plan;
    this.#attempts = attempts;
    this.#sessions = sessions;
    this.#now = now;
    for (let number = stripe.worker; number < plan.clientCount; number += stripe.workers) {
      this.#invite(new Client(this, number), 0);
    }
  }

  get nextUs(): number {
    const { nextUs } = this.#due;
    if (nextUs >= this.#block.endUs) return Number.POSITIVE_INFINITY;
    return this.#block.hasRoom ? nextUs : Number.POSITIVE_INFINITY;
  }

  get isOver(): boolean {
    return this.#block.ended;
  }

  noteEnd(): void {
    if (this.#block.ended) this.#due.takeEntries();
  }

  act(): void {
    const client = this.#due.take();
    if (client === undefined) return;
    const nowUs = this.#now();
    const sinceUs = nowUs - this.#block.plan.startUs;
    // While it waited for room or thought, the number of clients may have fallen.
    if (!hasClients(this.#plan.pieces, client.number + 1, sinceUs)) this.#invite(client, sinceUs);
    else this.#beginCycle(client, nowUs);
  }

  /**
   * Ends a client's cycle, because its connection ended or its last attempt failed. `failedSinceUs`: the start of the
   * failed attempt.
   */
  endCycle(client: Client, atUs: number, failedSinceUs = Number.NEGATIVE_INFINITY): void {
    if (this.#block.ended) return;
    const fromUs = Math.max(atUs + this.#drawThinkUs(client), failedSinceUs + FAILED_PAUSE_US);
    this.#invite(client, fromUs - this.#block.plan.startUs);
  }

  #beginCycle(client: Client, nowUs: number): void {
    const index = client.number + client.cycles * this.#plan.clientCount;
    client.cycles++;
    const step = this.#block.stepAt(nowUs);
    if (this.#sessions === undefined) {
      this.#attempts.start(EVENT.begun, step, index, ABSENT, client);
    } else this.#sessions.begin(this.#block, { step, index, scheduledUs: ABSENT }, client);
  }

  /**
   * Makes the client due as soon as there are enough clients, at `fromUs` (since the block's start) at the earliest.
   */
  #invite(client: Client, fromUs: number): void {
    const atUs = findMomentOf(this.#plan.pieces, client.number + 1, fromUs);
    if (atUs !== Number.POSITIVE_INFINITY) this.#due.add(this.#block.plan.startUs + atUs, client);
  }

  #drawThinkUs({ number, cycles }: Client): number {
    const { minUs, maxUs } = this.#plan.think;
    if (minUs === maxUs) return minUs;
    const index = number + cycles * this.#plan.clientCount;
    const random = createRandom(this.#plan.seed ^ Math.imul(index + 1, 0x165667b1));
    return minUs + Math.floor(random() * (maxUs - minUs + 1));
  }
}
