import type { DisturbanceCause, WastedForks } from '../../result/records/recovery.ts';
import type { HostSample } from '../../result/records/samples.ts';
import type { EventKind } from '../../scenario/event-kinds.ts';
import type { BriefInterval } from './touched-intervals.ts';

/** What a sample of the host says of the accept queue. */
export interface QueueSample {
  atUs: number;
  /** Connections that wait in it; undefined: not seen. */
  depth: number | undefined;
  /** Packets that met a full queue since the sample before; undefined: not seen. */
  overflows: number | undefined;
}

export function readQueue({ atUs, acceptQueue, listenOverflows }: HostSample): QueueSample {
  return { atUs, depth: acceptQueue?.depth, overflows: listenOverflows };
}

/**
 * Returns how many processes the server forked for clients that had left. A client that gives up while it waits for a
 * process leaves its connection in the accept queue, and the postmaster forks for it all the same, later. So their
 * number is that of the attempts that timed out in the phase `spawn`, if the host shows that all of them had come into
 * the queue (it never was full) and out of it (it was empty afterwards), and one postmaster served it all the time.
 */
export function countWastedForks(
  intervals: readonly BriefInterval[],
  samples: readonly QueueSample[],
  { cause, isPooled }: { cause: DisturbanceCause; isPooled: boolean },
): WastedForks {
  if (isPooled) return cannot('a pooler accepts the connections, and starts no process for them');
  if (cause.kind === 'event' && REPLACES[cause.event]) {
    return cannot('the accept queue of the former postmaster was lost with it');
  }
  const fromUs = intervals[0]?.fromUs ?? 0;
  const toUs = intervals.at(-1)?.toUs ?? 0;
  const seen = samples.filter(({ atUs }) => atUs > fromUs);
  const told = seen.filter(
    ({ depth, overflows }) => depth !== undefined && overflows !== undefined,
  );
  if (told.length === 0)
    return cannot(
      "the accept queue of the server's host is not seen, as it is with probes on a server of this machine",
    );
  if (intervals.some(({ abandoned }) => abandoned > 0)) {
    return cannot('the scenario abandons attempts, and it is not recorded in which phase');
  }
  if (told.some(({ atUs, overflows = 0 }) => overflows > 0 && atUs - SAMPLE_US < toUs)) {
    return cannot('the accept queue was full, so that some clients never came into it');
  }
  if (!told.some(({ atUs, depth }) => atUs >= toUs - SAMPLE_US && depth === 0)) {
    return cannot('the accept queue was not seen empty afterwards');
  }
  return {
    kind: 'counted',
    forks: intervals.reduce((sum, { errors }) => sum + countLeft(errors), 0),
  };
}

/** A host is sampled at least this often. */
const SAMPLE_US = 1_000_000;

/** Whether an event may put another postmaster, with another accept queue, in place. */
const REPLACES: Record<EventKind, boolean> = {
  restart: true,
  stop: true,
  start: true,
  promote: true,
  exec: true,
  crash: false,
  stall: false,
  'drop-all': false,
  reload: false,
};

/** Returns the number of attempts that timed out while they waited for a process. */
function countLeft(errors: BriefInterval['errors']): number {
  return errors
    .filter(
      ({ ledger, layer, phase }) =>
        ledger === 'attempt' && layer === 'timeout' && phase === 'spawn',
    )
    .reduce((sum, { count }) => sum + count, 0);
}

function cannot(reason: string): WastedForks {
  return { kind: 'not-measurable', reason };
}
