import type { ConnectionPlan } from '../../drivers/driver.ts';
import type { Endpoint } from '../../drivers/endpoint.ts';
import {
  addScramFigures,
  allocateDerivations,
  type ScramFigures,
} from '../../drivers/login/scram-costs.ts';
import type { Recorder } from '../../metrics/recorder.ts';
import type { BlockPlan, Plan, Step } from '../../scenario/plan/plan.ts';
import type { HostTurnsPlan } from '../clients/host-turns.ts';
import { allocateRing } from '../record/event-ring.ts';
import { allocateFailureTable } from '../record/failure-table.ts';
import { Journal } from '../record/journal.ts';
import { shareBlock, shareOf, sharePlan } from '../schedule/shares.ts';
import { CrewMember } from './crew-member.ts';
import type { CoordinatorMessage, WorkerInput } from './messages.ts';
import type { LoadPorts } from './ports.ts';
import { allocatePulse } from './pulse.ts';

/** Orders for the threads of a load. */
export interface CrewOrders {
  plan: Plan;
  connection: ConnectionPlan;
  /** The cap for all workers together. */
  maxInFlight: number;
  workers: number;
  /** Arrival i goes to endpoint i modulo the number of endpoints, unless `hostTurns` says where it goes. */
  endpoints: readonly Endpoint[];
  /** How each connect takes the endpoints in turn; undefined: each connect is one attempt. */
  hostTurns?: HostTurnsPlan | undefined;
}

/** The worker threads of one load, each with its share of the orders. The events that they write go to the recorder. */
export class Crew {
  readonly members: readonly CrewMember[];

  /** Starts the threads. `onIdle`: called when one of them has nothing in flight. */
  constructor(
    orders: CrewOrders,
    recorder: Recorder,
    ports: Pick<LoadPorts, 'startThread'>,
    onIdle: () => void,
  ) {
    const derivations = allocateDerivations();
    this.members = Array.from({ length: orders.workers }, (_, worker) => {
      const memory = allocateMemory();
      const connection = { ...orders.connection, derivations };
      const share = shareOrders(orders, worker);
      const thread = ports.startThread({ ...memory, ...share, worker, connection });
      const journal = new Journal(memory, orders.plan.steps.length, recorder);
      return new CrewMember(thread, journal, memory.pulse, onIdle);
    });
  }

  /** Waits until all threads are ready. If one cannot be started, it ends the others and throws. */
  async beReady(): Promise<void> {
    try {
      await Promise.all(this.members.map((member) => member.ready));
      for (const member of this.members) member.refuseIfGone();
    } catch (error) {
      await Promise.all(this.members.map((member) => member.thread.terminate()));
      throw error;
    }
  }

  get isIdle(): boolean {
    return this.members.every(({ isIdle, isGone }) => isIdle || isGone);
  }

  get isGone(): boolean {
    return this.members.every(({ isGone }) => isGone);
  }

  get scram(): ScramFigures {
    return addScramFigures(this.members.map(({ scram }) => scram));
  }

  post(message: CoordinatorMessage): void {
    for (const { thread } of this.members) thread.postMessage(message);
  }

  /** Resolves with the backends of all ready connections: pids, a list for each endpoint. */
  async listBackends(): Promise<number[][]> {
    const told = await Promise.all(this.members.map((member) => member.listBackends()));
    const endpoints = Math.max(0, ...told.map(({ length }) => length));
    return Array.from({ length: endpoints }, (_, at) => told.flatMap((pids) => pids[at] ?? []));
  }

  /** Appends a block of one step to all threads. */
  append(block: BlockPlan, step: Step): void {
    for (const [worker, member] of this.members.entries()) {
      const share = shareBlock(block, [step], worker, this.members.length);
      member.isIdle = false;
      member.thread.postMessage({
        type: 'append',
        block: share,
        step,
      } satisfies CoordinatorMessage);
    }
  }

  /** Records the events that were written since the last call. */
  read(): void {
    for (const { journal } of this.members) journal.read();
  }

  /** Terminates the threads, without waiting until they have ended. */
  terminate(): void {
    for (const { thread } of this.members) void thread.terminate();
  }
}

function allocateMemory(): Pick<WorkerInput, 'events' | 'failures' | 'notices' | 'pulse'> {
  return {
    events: allocateRing(),
    failures: allocateFailureTable(),
    notices: allocateFailureTable(),
    pulse: allocatePulse(),
  };
}

function shareOrders(
  { plan, workers, maxInFlight, endpoints, hostTurns }: CrewOrders,
  worker: number,
) {
  return {
    blocks: sharePlan(plan, worker, workers),
    steps: plan.steps,
    retry: plan.retry,
    isOpenEnded: plan.search !== undefined,
    workers,
    maxInFlight: shareOf(maxInFlight, worker, workers),
    driver: plan.driver,
    endpoints,
    hostTurns,
  };
}
