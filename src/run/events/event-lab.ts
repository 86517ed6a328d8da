import type { ServerControl } from '../../lab/postgres/server-control.ts';

/** A lab as events see it. */
export interface EventLab {
  control: ServerControl;
  /** Absent: the lab has no standby. */
  promote?(options: { lostPrimary: boolean }): Promise<void>;
}
