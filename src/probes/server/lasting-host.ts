import { type BackendLogin, findPostmaster } from '../proc/postmaster.ts';
import { type HostFigures, HostProbe } from './host.ts';

/** A postmaster on this machine. */
export interface LocalPostmaster {
  pid: number;
  /** The TCP port where clients reach it; null: they reach it by a Unix socket or through a pooler. */
  port: number | null;
}

export interface LastingHostOptions {
  login: BackendLogin;
  onSample: (figures: HostFigures) => void;
  /** Called when the postmaster has ended. */
  onLost: (reason: string) => void;
  /** Called when the postmaster that took its place was found. */
  onBack: (reason: string) => void;
}

/** The host probe of a server that may be restarted during the run. */
export class LastingHost {
  readonly #options: LastingHostOptions;
  readonly #port: number | null;
  #probe: HostProbe | undefined;

  /** Throws an Error with the reason if the system shows no times of that process. */
  constructor({ pid, port }: LocalPostmaster, options: LastingHostOptions) {
    this.#options = options;
    this.#port = port;
    this.#probe = new HostProbe(pid, port);
  }

  /**
   * Returns how many processes of the server's clients there are now; undefined where the system does not show them.
   */
  countBackends(): number | undefined {
    return this.#probe?.countBackends();
  }

  /** Takes a sample. `isEdge`: the sample is the one before or after the load. */
  look(isEdge = false): void {
    if (this.#probe === undefined) return;
    const figures = this.#probe.sample(isEdge);
    if (figures !== undefined) {
      this.#options.onSample(figures);
      return;
    }
    const { pid } = this.#probe;
    this.#probe = undefined;
    this.#options.onLost(`the postmaster, process ${pid}, has ended`);
  }

  /**
   * Looks for the postmaster again after a client has connected. `backendPid`: the process of that client's backend.
   */
  findAgain(backendPid: number): void {
    if (this.#probe !== undefined) this.look();
    if (this.#probe !== undefined) return;
    const pid = findPostmaster(backendPid, this.#options.login);
    if (pid === undefined) return;
    try {
      this.#probe = new HostProbe(pid, this.#port);
    } catch {
      return;
    }
    this.#options.onBack(`the postmaster is process ${pid} now`);
  }
}
