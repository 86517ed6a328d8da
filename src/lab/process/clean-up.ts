import { setTimeout as delay } from 'node:timers/promises';
import { startWatchdog, sweepLab, type Watchdog } from './watchdog.ts';

/** Longer than anything that starts takes to notice that its program is gone. */
const PATIENCE_MS = 15_000;

/** Ends the programs of a lab, those that are just being started too, and removes its folder. */
export class CleanUp {
  readonly #folder: string;
  readonly #watchdog: Watchdog;
  readonly #underWay = new Set<Promise<unknown>>();
  #done: Promise<void> | undefined;

  private constructor(folder: string, watchdog: Watchdog) {
    this.#folder = folder;
    this.#watchdog = watchdog;
  }

  /** `folder` need not be there yet. Throws the system's error where there is no /bin/sh. */
  static async start(folder: string): Promise<CleanUp> {
    return new CleanUp(folder, await startWatchdog(folder));
  }

  /** The same promise; until it is settled, `run` knows that it may start programs. */
  track<T>(starting: Promise<T>): Promise<T> {
    this.#underWay.add(starting);
    const forget = (): void => {
      this.#underWay.delete(starting);
    };
    starting.then(forget, forget);
    return starting;
  }

  /** Resolves when all is gone; may be called twice. */
  run(): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async #run(): Promise<void> {
    await this.#watchdog.stop();
    if (this.#underWay.size === 0) return;
    // It fails now, as its programs and its folder are gone; what it has begun meanwhile goes afterwards.
    const settled = Promise.allSettled(this.#underWay);
    await Promise.race([settled, delay(PATIENCE_MS, undefined, { ref: false })]);
    await sweepLab(this.#folder);
  }
}
