import type { Clock } from '../clock.ts';
import type { Endpoint } from '../drivers/endpoint.ts';
import type { NoteFailure } from './activity.ts';

/** What every activity of a leg works with. */
export interface ActivityGround {
  endpoint: Endpoint;
  /** Whether a login like the storm's was encrypted by TLS. */
  isEncrypted: boolean;
  /** Limit of a login, of a statement, and of any other act. */
  timeoutUs: number;
  /** Microseconds of a monotonic clock that other threads have, too. */
  now: Clock;
  note: NoteFailure;
  /** The longest time that opening may take. */
  mostOpeningUs: number;
  /** Bytes of memory that the target's host can give to new processes; undefined: the host is not seen. */
  readFreeBytes: () => number | undefined;
  /** Memory that this backend takes for itself; undefined: not seen. */
  readTakenBytes: (pid: number) => number | undefined;
  /** Whether statements of the scenario run in read-only transactions. */
  isReadOnly: boolean;
}
