import { setTimeout as delay } from 'node:timers/promises';
import { ConnstormError } from '../../errors.ts';
import type { CleanUp } from '../process/clean-up.ts';
import { lowerPriority } from '../process/niceness.ts';
import { listClientBackends } from './client-backends.ts';
import { type Postmaster, type PostmasterOptions, restartPostmaster } from './postmaster.ts';

/** Modes of a shutdown: https://www.postgresql.org/docs/18/server-shutdown.html. */
export type StopMode = 'smart' | 'fast' | 'immediate';

/**
 * Stops, starts and disturbs one server of the lab. A call rejects with ConnstormError `LAB_CONTROL` if it is
 * impossible in the server's present state, or if the lab's stop was called before.
 */
export interface ServerControl {
  /** Pid of the present postmaster; of the last one while the server is stopped. */
  readonly pid: number;
  /**
   * Resolves when the postmaster has ended. `smart` waits until all clients have left; a further stop in another mode
   * may follow meanwhile. A stalled postmaster begins to stop when its stall is over.
   */
  stop(mode: StopMode): Promise<void>;
  /**
   * Starts the stopped server again, with its port, data, settings, CPUs and niceness. Resolves when it accepts logins.
   * Rejects with the end of the server's log if it does not start.
   */
  start(): Promise<void>;
  /**
   * Kills (SIGKILL) one backend of the storm's database user, the youngest that is logged in. Postgres then ends all
   * other backends and recovers; the postmaster stays. Resolves with the backend's pid. Rejects if there is none.
   */
  crash(): Promise<number>;
  /**
   * Stops the process of the postmaster (SIGSTOP), not its backends, and continues it after the time. Resolves then.
   * Rejects if the postmaster ends meanwhile.
   */
  stall(durationUs: number): Promise<void>;
}

const SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

/** A running server of the lab, and the servers that take its place on its port after a restart. */
export class ControlledServer implements ServerControl {
  /** The server's niceness; null if the system does not permit it. */
  readonly niceness: number | null;
  /** Resolves with one line for people when the server ends without a call of `stop`. */
  readonly ended: Promise<string>;
  readonly #options: PostmasterOptions;
  readonly #cleanUp: CleanUp;
  #postmaster: Postmaster;
  #state: 'running' | 'stopping' | 'stopped' | 'starting' = 'running';
  #isStalled = false;
  #reportEnd = (_how: string): void => {};

  /**
   * @param options what the postmaster was started with
   * @param cleanUp the lab's; ends what is started here
   */
  constructor(postmaster: Postmaster, options: PostmasterOptions, cleanUp: CleanUp) {
    this.#options = options;
    this.#cleanUp = cleanUp;
    this.#postmaster = postmaster;
    this.ended = new Promise((resolve) => {
      this.#reportEnd = resolve;
    });
    this.niceness = this.#adopt(postmaster);
  }

  get pid(): number {
    return this.#postmaster.pid;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get port(): number {
    return this.#postmaster.port;
  }

  get logPath(): string {
    return this.#postmaster.logPath;
  }

  async stop(mode: StopMode): Promise<void> {
    if (this.#state === 'stopped' || this.#state === 'starting') throw this.#refuse('stop');
    this.#refuseAfterEnd();
    this.#state = 'stopping';
    this.#postmaster.kill(SIGNALS[mode]);
    await this.#cleanUp.track(this.#postmaster.gone);
  }

  async start(): Promise<void> {
    if (this.#state !== 'stopped') throw this.#refuse('start');
    this.#refuseAfterEnd();
    this.#state = 'starting';
    try {
      const starting = restartPostmaster(this.#options, this.#postmaster.port);
      const postmaster = await this.#cleanUp.track(starting);
      this.#state = 'running';
      this.#adopt(postmaster);
    } catch (error) {
      this.#state = 'stopped';
      throw error;
    }
  }

  async crash(): Promise<number> {
    this.#requireRunning('crash');
    const pid = listClientBackends(this.pid).find(killHard);
    if (pid === undefined) {
      throw refuse(
        `the lab's ${this.#options.name} has no backend to crash: no client is connected`,
      );
    }
    return pid;
  }

  async stall(durationUs: number): Promise<void> {
    this.#requireRunning('stall');
    if (this.#isStalled) throw refuse(`the lab's ${this.#options.name} is stalled already`);
    await this.#cleanUp.track(this.#stall(durationUs));
  }

  async #stall(durationUs: number): Promise<void> {
    const postmaster = this.#postmaster;
    const over = new AbortController();
    this.#isStalled = true;
    postmaster.kill('SIGSTOP');
    try {
      const pause = delay(durationUs / 1000, true, { signal: over.signal });
      const isWhole = await Promise.race([pause, postmaster.gone.then(() => false)]);
      if (!isWhole) throw refuse(`the lab's ${this.#options.name} ended while it was stalled`);
    } finally {
      postmaster.kill('SIGCONT');
      this.#isStalled = false;
      over.abort();
    }
  }

  /** Makes a postmaster the present one. Returns its niceness. */
  #adopt(postmaster: Postmaster): number | null {
    this.#postmaster = postmaster;
    void postmaster.gone.then(async () => {
      const isUnwanted = this.#state === 'running';
      this.#state = 'stopped';
      if (isUnwanted) this.#reportEnd(await postmaster.ended);
    });
    return lowerPriority(postmaster.pid);
  }

  #requireRunning(what: string): void {
    if (this.#state !== 'running') throw this.#refuse(what);
    this.#refuseAfterEnd();
  }

  #refuseAfterEnd(): void {
    if (this.#cleanUp.hasBegun) throw refuse('the lab is being stopped');
  }

  #refuse(what: string): ConnstormError {
    const state = {
      running: 'running',
      stopping: 'being stopped',
      stopped: 'stopped',
      starting: 'being started',
    };
    return refuse(`the lab's ${this.#options.name} cannot ${what}: it is ${state[this.#state]}`);
  }
}

/** Returns false if the process is gone. */
function killHard(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function refuse(message: string): ConnstormError {
  return new ConnstormError('internal', 'LAB_CONTROL', message);
}
