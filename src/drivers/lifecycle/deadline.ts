/**
 * How long what is under way may take, one thing after another. Node runs timers before it reads sockets: after a hold-up
 * of our own, the answer may be here already. So a deadline has passed after the next reading, if it was not stopped in it.
 */
export class Deadline {
  private readonly owner: DeadlineOwner;
  private timer: NodeJS.Timeout | undefined = undefined;

  constructor(owner: DeadlineOwner) {
    this.owner = owner;
  }

  /** Counts from now. Where one was started before, it is to be stopped first. */
  start(us: number): void {
    // Node cuts what is left of a millisecond off; its own clock may make it up to one less.
    this.timer = setTimeout(expire, Math.ceil(us / 1000), this);
  }

  /** May be called twice. */
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
