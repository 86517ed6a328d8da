import { setTimeout as delay } from 'node:timers/promises';
import { startWatchdog, sweepLab, type Watchdog } from './watchdog.ts';

/** Longer than any start needs to notice that its program is gone. */
const PATIENCE_MS = 15_000;

/** The removal of a lab: ends its programs, also those that are just being started, and removes its folder. */
export class CleanUp {
  readonly #folder: string;
  readonly #watchdog: Watchdog;
  readonly #underWay = new Set<Promise<unknown>>();
  #done: Promise<void> | undefined;

  private constructor(folder: string, watchdog: Watchdog) {
    this.#folder = folder;
    this.#watchdog = watchdog;
  }

  /** Starts the watchdog. `folder` need not exist yet. Throws the system's error if there is no /bin/sh. */
  static async start(folder: string): Promise<CleanUp> {
    return new CleanUp(folder, await startWatchdog(folder));
  }

  /** Whether `run` was called. Nothing may be started from then on. */
  get hasBegun(): boolean {
    return this.#done !== undefined;
  }

  /** Returns the same promise. Until it is settled, `run` assumes that it may start programs. */
  track<T>(starting: Promise<T>): Promise<T> {
    this.#underWay.add(starting);
    const forget = (): void => {
      this.#underWay.delete(starting);
    };
    starting.then(forget, forget);
    return starting;
  }

  /** Ends all programs and removes the folder. Resolves when all is gone. May be called twice. */
  run(): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async #run(): Promise<void> {
    await this.#watchdog.stop();
    if (this.#underWay.size === 0) return;
    // What is being started fails now, because its programs and its folder are gone. Sweep up what it began meanwhile.
    const settled = Promise.allSettled(this.#underWay);
    await Promise.race([settled, delay(PATIENCE_MS, undefined, { ref: false })]);
    await sweepLab(this.#folder);
  }
}
