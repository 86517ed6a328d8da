import { formatCounted } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import type { CommandRecord, EventRecord } from '../../result/records/events.ts';
import type { EventAction } from '../../scenario/events/plan-events.ts';
import type { EventActs } from './event-acts.ts';
import type { EventLab } from './event-lab.ts';

/** What an event has done. With a reason it has failed. */
export type Performed = Pick<EventRecord, 'stoppedUs' | 'detail' | 'reason' | 'command'>;

export interface PerformGround {
  acts: EventActs;
  /** Returns the time since T0 in microseconds. It is below 0 shortly after the start, because T0 lies ahead. */
  now(): number;
  /** Returns the backends of the storm's ready connections: pids, a list for each endpoint. */
  listBackends(): Promise<number[][]>;
  /** Aborted: nothing further is begun, and a command is ended. */
  cancel: AbortSignal;
}

/** Does what an event asks for. Resolves when it is done. Rejects with the reason if it failed. */
export async function perform(action: EventAction, ground: PerformGround): Promise<Performed> {
  const { acts, now, cancel } = ground;
  switch (action.kind) {
    case 'restart': {
      const { control } = requireLab(acts);
      await control.stop(action.mode);
      const stoppedUs = now();
      cancel.throwIfAborted();
      await control.start();
      return { stoppedUs, ...describePostmaster(control) };
    }
    case 'stop':
      await requireLab(acts).control.stop(action.mode);
      return {};
    case 'start': {
      const { control } = requireLab(acts);
      await control.start();
      return describePostmaster(control);
    }
    case 'crash':
      return { detail: `backend ${await requireLab(acts).control.crash()} was killed` };
    case 'stall':
      await requireLab(acts).control.stall(action.durationUs);
      return {};
    case 'promote': {
      const { promote } = requireLab(acts);
      if (promote === undefined) throw new Error('the lab has no standby');
      await promote({ lostPrimary: action.lostPrimary });
      return {};
    }
    case 'drop-all':
      return dropAll(ground);
    case 'reload':
      await acts.reload();
      return {};
    case 'exec':
      return judgeCommand(
        await acts.runCommand(action.command, action.timeoutUs, cancel),
        action.timeoutUs,
      );
  }
}

function requireLab({ lab }: EventActs): EventLab {
  if (lab === undefined) throw new Error('the server is not one that connstorm started');
  return lab;
}

function describePostmaster({ pid }: EventLab['control']): Performed {
  return { detail: `the postmaster is process ${pid} now` };
}

async function dropAll({ acts, listBackends }: PerformGround): Promise<Performed> {
  const ended = await acts.endSessions(await listBackends());
  return { detail: `${formatCounted(ended, 'session')} of the storm got the signal to end` };
}

function judgeCommand(command: CommandRecord, timeoutUs: number): Performed {
  const { exitCode, signal, timedOut } = command;
  if (timedOut === true) {
    const reason = `it was ended at its timeout of ${formatSpan(timeoutUs)}`;
    return { reason, command };
  }
  if (exitCode === 0) return { detail: 'exit code 0', command };
  const how = signal === undefined ? `its exit code is ${exitCode}` : `${signal} ended it`;
  return { reason: `${how}${quoteLast(command.output)}`, command };
}

const LONGEST_QUOTE = 200;

/** Returns the last line of an output, which mostly says what went wrong; nothing if there is none. */
function quoteLast(output: string): string {
  const last = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return last === '' ? '' : `, and its last line is: ${last.slice(0, LONGEST_QUOTE)}`;
}
