import type { ConnectionPlan } from '../../drivers/driver.ts';
import type { Endpoint } from '../../drivers/endpoint.ts';
import type { ScramFigures } from '../../drivers/login/scram-costs.ts';
import type { RetryPlan, Step } from '../../scenario/plan/plan.ts';
import type { DriverName } from '../../scenario/schema/driver-name.ts';
import type { HostTurnsPlan } from '../clients/host-turns.ts';
import type { BlockShare } from '../schedule/block.ts';

/** A worker's input at its start. It is structured-cloned, so it holds only plain data and shared memory. */
export interface WorkerInput {
  /** Memory of an event ring, see event-ring.ts. */
  events: SharedArrayBuffer;
  /** Memory of a failure table, see failure-table.ts. */
  failures: SharedArrayBuffer;
  /** Memory of another failure table, for notices. */
  notices: SharedArrayBuffer;
  /** Memory of a pulse, see pulse.ts. */
  pulse: SharedArrayBuffer;
  blocks: readonly BlockShare[];
  steps: readonly Step[];
  worker: number;
  workers: number;
  /** This worker's share of the cap. */
  maxInFlight: number;
  retry: RetryPlan | undefined;
  /** How each connect takes its hosts in turn; undefined: each connect is one attempt. */
  hostTurns: HostTurnsPlan | undefined;
  /** Whether blocks may be appended while it runs. It is idle whenever no block is left. */
  isOpenEnded: boolean;
  driver: DriverName;
  endpoints: readonly Endpoint[];
  connection: ConnectionPlan;
}

export type CoordinatorMessage =
  /** Start pacing. T0 is this moment of the monotonic clock. */
  | { type: 'start'; t0Us: number }
  /** Run one more block, of one step, that lies ahead. All workers are idle. */
  | { type: 'append'; block: BlockShare; step: Step }
  /** Begin no arrivals from this moment on (microseconds since T0). What is under way may end. */
  | { type: 'stop'; atUs: number }
  /** End the current block now: cancel its sessions that wait and its attempts, and close its held connections. */
  | { type: 'endBlock' }
  /** Close the connections that are still held. All workers are idle. */
  | { type: 'close' }
  /** Post the backends of the connections that are ready now. `backends` follows. */
  | { type: 'listBackends'; number: number }
  /** End everything under way, now. */
  | { type: 'cancel' };

export type WorkerMessage =
  /** `threadId`: the system's number of the thread; null where the system does not show it. */
  | { type: 'ready'; threadId: number | null }
  /**
   * No arrivals are left and no attempt is under way. Held connections are still open, except those of appended blocks.
   * Posted again after each appended block.
   */
  | { type: 'idle' }
  /** The answer to `listBackends` of this number: pids, a list for each endpoint. */
  | { type: 'backends'; number: number; pids: number[][] }
  /** Nothing is open any longer. */
  | { type: 'done'; scram: ScramFigures };
