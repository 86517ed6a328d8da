import { ABSENT, type Attempt, type Driver } from '../driver.ts';

/** An attempt, or the connection that it opened, in the form in which its driver can end it. */
export interface LiveConnection {
  readonly attempt: Attempt;
  /** Whether it is an attempt that is not ready yet. */
  readonly isAttempt: boolean;
  /** Cancels an attempt that is not ready yet. */
  cancel(): void;
  /** Closes a connection that is ready. */
  close(atOnce: boolean): void;
}

/** The attempts and connections of one driver that are not over. */
export class LiveConnections implements Pick<Driver, 'cancelAttempts' | 'closeConnections'> {
  private readonly all = new Set<LiveConnection>();

  add(connection: LiveConnection): void {
    this.all.add(connection);
  }

  delete(connection: LiveConnection): void {
    this.all.delete(connection);
  }

  cancelAttempts(isMeant?: (attempt: Attempt) => boolean): void {
    for (const connection of [...this.all]) {
      if (isMeant === undefined || isMeant(connection.attempt)) connection.cancel();
    }
  }

  closeConnections(atOnce = false): void {
    for (const connection of [...this.all]) connection.close(atOnce);
  }

  /** Returns the pids of the backends of connections that are ready, if the server has reported them. */
  listBackends(): number[] {
    return [...this.all].flatMap(({ isAttempt, attempt: { backendPid } }) =>
      isAttempt || backendPid === ABSENT ? [] : [backendPid],
    );
  }
}
