import { nounOf } from '../../counted.ts';
import type { Run } from '../../result/lift.ts';
import type { ResultWriter } from '../../result/write/write.ts';
import type { Round } from '../../scenario/plan/rounds.ts';
import type { Prepared } from '../prepare/prepared.ts';
import type { RunObserver } from '../request.ts';
import type { LegSignals } from './follow-signals.ts';
import type { LegId, RunJournal } from './journal.ts';
import type { LegListener, LegOutcome } from './leg.ts';
import type { LegEnd } from './leg-end.ts';
import type { RunPorts } from './ports.ts';
import { runLeg } from './run-leg.ts';

interface Storm {
  variants: readonly Prepared[];
  rounds: readonly Round[];
  journal: RunJournal;
  writer: ResultWriter;
  signals: LegSignals;
  observer: Pick<RunObserver, 'note'>;
  /** Absent: the real ports. */
  ports?: RunPorts;
}

/**
 * Runs all legs, one after another. A leg begins when all threads of the one before, and so their connections, have
 * ended. A leg that is ended early is the last one, unless a condition of its variant's `stop` ended it. Then the other
 * legs still run, and the run counts as stopped by a condition.
 */
export async function runStorms(storm: Storm): Promise<Run> {
  const { variants, rounds, journal, writer, signals, observer, ports } = storm;
  const turns = listTurns(variants, rounds);
  const stops: string[] = [];
  let last: LegOutcome | undefined;
  for (const turn of turns) {
    const obstacle = last === undefined ? undefined : findReasonToEnd(last.end, signals, writer);
    if (obstacle !== undefined) last = { end: obstacle, wasKilled: false };
    if (last !== undefined && endsRun(last)) break;
    if (stops.length > 0 && last?.end.stoppedBy === 'condition') {
      observer.note(`${stops.at(-1)}; the run continues with the next leg`, 'warning');
    }
    const warned = (text: string): void => {
      const whose = turns.length === 1 ? '' : `${turn.variant}, round ${turn.round}: `;
      observer.note(`${whose}${text}`, 'warning');
    };
    last = await runOne(turn, last?.end, signals, { journal, writer, warned, ports });
    const { stoppedBy, reason } = last.end;
    if (stoppedBy === 'condition') stops.push(`${turn.variant}, round ${turn.round}: ${reason}`);
  }
  if (last === undefined) throw new Error('there was nothing to run');
  const isConditional = turns.length > 1 && stops.length > 0 && !endsRun(last);
  return journal.finish(isConditional ? addStops(last.end, stops) : last.end);
}

function endsRun({ end: { stoppedBy }, wasKilled }: LegOutcome): boolean {
  return wasKilled || (stoppedBy !== 'end' && stoppedBy !== 'condition');
}

const MOST_STOPS_TOLD = 3;

/** Returns the end of a run whose legs were all run, some of them cut short by their `stop`. */
function addStops(end: LegEnd, stops: readonly string[]): LegEnd {
  const untold = stops.length - MOST_STOPS_TOLD;
  const told = [
    ...stops.slice(0, MOST_STOPS_TOLD),
    ...(untold > 0 ? [`and ${untold} more ${nounOf(untold, 'leg')}`] : []),
  ];
  return { ...end, stoppedBy: 'condition', reason: told.join('; ') };
}

interface Turn extends LegId {
  prepared: Prepared;
}

function listTurns(variants: readonly Prepared[], rounds: readonly Round[]): Turn[] {
  return rounds.flatMap(({ round, seed, order }) =>
    order.flatMap((index) => {
      const prepared = variants[index];
      return prepared === undefined ? [] : [{ prepared, variant: prepared.name, round, seed }];
    }),
  );
}

/** Returns a reason to end the run that came up between two legs, or undefined. */
function findReasonToEnd(
  { atUs }: LegEnd,
  { stop, broken }: LegSignals,
  { readerGone }: ResultWriter,
): LegEnd | undefined {
  if (broken.aborted) return { atUs, stoppedBy: 'error', reason: String(broken.reason) };
  if (stop.aborted) return { atUs, stoppedBy: 'signal', reason: 'interrupted' };
  return readerGone ? { atUs, stoppedBy: 'signal', reason: READER_GONE } : undefined;
}

const READER_GONE = 'the program that reads the result has ended';

interface Around extends Pick<Storm, 'journal' | 'writer'>, Pick<LegListener, 'warned'> {
  ports: RunPorts | undefined;
}

/** Runs one leg. A leg that does not start ends the run; what earlier legs measured is kept. */
async function runOne(
  turn: Turn,
  before: LegEnd | undefined,
  signals: LegSignals,
  { journal, writer, warned, ports }: Around,
): Promise<LegOutcome> {
  let hasStarted = false;
  try {
    const listener: LegListener = {
      started(startedAt, t0Us, warmedUs) {
        hasStarted = true;
        journal.legStarted({ ...turn, warmedUs }, startedAt, t0Us);
      },
      told(record) {
        journal.add(record);
        return writer.readerGone ? READER_GONE : undefined;
      },
      warned,
    };
    const outcome = await runLeg(turn.prepared, turn.seed, signals, listener, ports);
    journal.legEnded(outcome.end);
    return outcome;
  } catch (error) {
    if (hasStarted || before === undefined) throw error;
    const interrupted = findReasonToEnd(before, signals, writer);
    const reason = error instanceof Error ? error.message : String(error);
    const end = interrupted ?? { atUs: before.atUs, stoppedBy: 'error', reason };
    return { end, wasKilled: false };
  }
}
