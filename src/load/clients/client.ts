/** What its clients come back to when they are done. */
export interface Cycles {
  /** Its connection, or failed attempt, is over. `failedSinceUs`: when the attempt that failed began; undefined: none did. */
  endCycle(client: Client, atUs: number, failedSinceUs?: number): void;
}

/** One client of a closed loop. */
export class Client {
  readonly loop: Cycles;
  /** Of all clients of the block, from 0. */
  readonly number: number;
  /** Cycles begun. */
  cycles = 0;

  constructor(loop: Cycles, number: number) {
    this.loop = loop;
    this.number = number;
  }
}
