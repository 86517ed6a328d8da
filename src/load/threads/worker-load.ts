import type { Clock } from '../../clock.ts';
import type { AttemptSink, ConnectionPlan, Driver } from '../../drivers/driver.ts';
import { NO_SCRAM } from '../../drivers/login/scram-costs.ts';
import type { AwaitedAnswer } from '../record/attempts.ts';
import type { EventWriter } from '../record/event-ring.ts';
import { FailureWriter } from '../record/failure-table.ts';
import type { CreateTimers } from '../schedule/timers.ts';
import { LoadLoop } from './load-loop.ts';
import type { CoordinatorMessage, WorkerInput, WorkerMessage } from './messages.ts';

/** The services that a worker needs. Its thread provides them, or a test with virtual time. */
export interface WorkerHost {
  events: EventWriter;
  /** Returns the clock whose zero is `t0Us` of the monotonic clock. Called at the start. */
  startClock(t0Us: number): Clock;
  /** Absent: Node's timers. */
  createTimers?: CreateTimers;
  createDriver(sink: AttemptSink, now: Clock): Driver;
  post(message: WorkerMessage): void;
  /** Called after `done` was posted: nothing is left to do. */
  end(): void;
}

/** A worker's share of a load. The coordinator's messages control it. */
export class WorkerLoad {
  readonly #input: WorkerInput;
  readonly #host: WorkerHost;
  #loop: LoadLoop | undefined;
  #driver: Driver | undefined;

  constructor(input: WorkerInput, host: WorkerHost) {
    this.#input = input;
    this.#host = host;
  }

  take(message: CoordinatorMessage): void {
    const loop = this.#loop;
    if (message.type === 'start') this.#start(message.t0Us);
    else if (message.type === 'append') loop?.append(message.block, message.step);
    else if (message.type === 'stop') loop?.stop(message.atUs);
    else if (message.type === 'endBlock') loop?.endBlock();
    else if (message.type === 'close') loop?.close();
    else if (message.type === 'listBackends') this.#postBackends(message.number);
    else if (loop !== undefined) loop.cancel();
    else this.#end();
  }

  #start(t0Us: number): void {
    const { startClock, createTimers, createDriver, events, post } = this.#host;
    const now = startClock(t0Us);
    const input = this.#input;
    const loop = new LoadLoop({
      blocks: input.blocks,
      steps: input.steps,
      stripe: { worker: input.worker, workers: input.workers },
      maxInFlight: input.maxInFlight,
      retry: input.retry,
      hostTurns: input.hostTurns,
      isOpenEnded: input.isOpenEnded,
      events,
      failures: new FailureWriter(input.failures),
      notices: new FailureWriter(input.notices),
      now,
      ...(createTimers === undefined ? {} : { createTimers }),
      awaits: findAwaited(input.connection),
      onIdle: () => post({ type: 'idle' }),
      onDone: () => this.#end(),
    });
    this.#loop = loop;
    this.#driver = createDriver(loop.sink, now);
    loop.start(this.#driver);
  }

  #postBackends(number: number): void {
    this.#host.post({ type: 'backends', number, pids: this.#driver?.listBackends() ?? [] });
  }

  #end(): void {
    this.#host.post({ type: 'done', scram: this.#driver?.scramFigures ?? NO_SCRAM });
    this.#host.end();
  }
}

function findAwaited({ queries, tellsUsable }: ConnectionPlan): AwaitedAnswer | undefined {
  if (tellsUsable) return 'usable';
  return queries > 0 ? 'firstQuery' : undefined;
}
