import type { ConnectionPlan } from '../../drivers/driver.ts';
import type { Endpoint } from '../../drivers/endpoint.ts';
import type { ScramFigures } from '../../drivers/login/scram-costs.ts';
import type { RetryPlan, Step } from '../../scenario/plan/plan.ts';
import type { DriverName } from '../../scenario/schema/driver-name.ts';
import type { BlockShare } from '../schedule/block.ts';

/** What a worker is given at its start; structured-cloned, so pure data and shared memory. */
export interface WorkerInput {
  /** Of an event ring, see event-ring.ts. */
  events: SharedArrayBuffer;
  /** Of a failure table, see failure-table.ts. */
  failures: SharedArrayBuffer;
  /** The same of notices. */
  notices: SharedArrayBuffer;
  /** Of a pulse, see pulse.ts. */
  pulse: SharedArrayBuffer;
  blocks: readonly BlockShare[];
  steps: readonly Step[];
  worker: number;
  workers: number;
  /** This worker's share of the cap. */
  maxInFlight: number;
  retry: RetryPlan | undefined;
  /** Blocks may be appended while it runs; it is idle whenever none is left. */
  isOpenEnded: boolean;
  driver: DriverName;
  endpoints: readonly Endpoint[];
  connection: ConnectionPlan;
}

export type CoordinatorMessage =
  /** Start pacing; T0 is this moment of the monotonic clock. */
  | { type: 'start'; t0Us: number }
  /** One more block, of one step, that lies ahead; all workers are idle. */
  | { type: 'append'; block: BlockShare; step: Step }
  /** No arrivals from this moment on (microseconds since T0); what is under way may end. */
  | { type: 'stop'; atUs: number }
  /** The block that goes on ends now, with all that is under way: those that wait are cancelled, those that are held closed. */
  | { type: 'endBlock' }
  /** All workers are idle: close the connections that are still held. */
  | { type: 'close' }
  /** End everything under way, now. */
  | { type: 'cancel' };

export type WorkerMessage =
  /** `threadId`: as the system numbers its threads; null where it does not tell. */
  | { type: 'ready'; threadId: number | null }
  /**
   * No arrivals are left and none is under way; held connections are open still, but for those of appended blocks. Said
   * again after each block that is appended.
   */
  | { type: 'idle' }
  /** Nothing is open any more. */
  | { type: 'done'; scram: ScramFigures };
