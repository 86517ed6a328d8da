import { type BackendLogin, findPostmaster } from '../proc/postmaster.ts';
import { type HostFigures, HostProbe } from './host.ts';

/** A postmaster of this machine. */
export interface LocalPostmaster {
  pid: number;
  /** Where clients reach it by TCP; null: by a Unix socket, or through a pooler. */
  port: number | null;
}

export interface LastingHostOptions {
  login: BackendLogin;
  onSample: (figures: HostFigures) => void;
  /** The postmaster has ended. */
  onLost: (reason: string) => void;
  /** Its successor was found. */
  onBack: (reason: string) => void;
}

/** The host probe of a server that may be restarted in between. */
export class LastingHost {
  readonly #options: LastingHostOptions;
  readonly #port: number | null;
  #probe: HostProbe | undefined;

  /** Throws an Error with the reason where the system does not tell of that process. */
  constructor({ pid, port }: LocalPostmaster, options: LastingHostOptions) {
    this.#options = options;
    this.#port = port;
    this.#probe = new HostProbe(pid, port);
  }

  /** Processes of the server's clients, now; undefined where it is not to be seen. */
  countBackends(): number | undefined {
    return this.#probe?.countBackends();
  }

  /** `isEdge`: before the load, or after it. */
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

  /** Somebody has got in: as the backend of that pid. */
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
