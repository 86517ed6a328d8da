/** The loop that a client returns to when its cycle is over. */
export interface Cycles {
  /**
   * Ends a cycle, whose connection or failed attempt is over. `failedSinceUs`: the start of the failed attempt;
   * undefined: no attempt failed.
   */
  endCycle(client: Client, atUs: number, failedSinceUs?: number): void;
}

/** One client of a closed loop. */
export class Client {
  readonly loop: Cycles;
  /** The client's number among all clients of the block, from 0. */
  readonly number: number;
  /** Cycles begun. */
  cycles = 0;

  constructor(loop: Cycles, number: number) {
    this.loop = loop;
    this.number = number;
  }
}
