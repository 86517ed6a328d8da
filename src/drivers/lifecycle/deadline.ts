/** Our FIN waits this long, to come second: under TLS Node reports the server's close_notify, not the FIN behind it. */
export const TLS_FIN_US = 100_000;

/**
 * A time limit for the operation under way, one operation after another. Node runs timers before it reads sockets, so
 * after a hold-up of our own the answer may already wait in a socket. The deadline passes only after the next read of
 * sockets, unless that read stopped it.
 */
export class Deadline {
  private readonly owner: DeadlineOwner;
  private timer: NodeJS.Timeout | undefined = undefined;

  constructor(owner: DeadlineOwner) {
    this.owner = owner;
  }

  /** Starts the time limit, `us` from now. An earlier one must be stopped first. */
  start(us: number): void {
    // Node drops fractions of a millisecond, so round up. Its own clock may still fire up to one millisecond early.
    this.timer = setTimeout(expire, Math.ceil(us / 1000), this);
  }

  /** Stops the time limit. May be called twice. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  expire(): void {
    const expired = this.timer;
    setImmediate(() => {
      if (this.timer === expired) this.owner.deadlinePassed();
    });
  }
}

export interface DeadlineOwner {
  deadlinePassed(): void;
}

function expire(deadline: Deadline): void {
  deadline.expire();
}
