import type { Lab } from '../lab/lab.ts';
import type { AnyHeader } from '../result/header.ts';
import type { AnySummary } from '../result/summary-records.ts';
import type { ResultWriter } from '../result/write.ts';
import type { Round } from '../scenario/legs.ts';
import type { LegId, RunJournal } from './journal.ts';
import { type LegEnd, type LegSignals, runLeg } from './leg.ts';
import type { Prepared } from './prepare.ts';
import type { RunRequest } from './request.ts';

interface Storm {
  variants: readonly Prepared[];
  rounds: readonly Round[];
  journal: RunJournal;
  writer: ResultWriter;
  lab: Pick<Lab, 'serverEnded'> | undefined;
}

/**
 * Runs all legs, one after another: the next begins when all threads of the former have ended, and with them their
 * connections. A leg that does not come to its own end is the last.
 */
export async function runStorms(
  { stop, cancel }: RunRequest,
  { variants, rounds, journal, writer, lab }: Storm,
): Promise<{ header: AnyHeader; summary: AnySummary }> {
  const broken = new AbortController();
  void lab?.serverEnded.then((how) => broken.abort(`the lab's Postgres is gone: ${how}`));
  const signals = { stop, cancel, broken: broken.signal };
  let last: LegEnd | undefined;
  for (const leg of listLegs(variants, rounds)) {
    last = (last === undefined ? undefined : findReasonToEnd(last, signals, writer)) ?? last;
    if (last !== undefined && last.stoppedBy !== 'end') break;
    last = await runOne(leg, last, signals, { journal, writer });
  }
  if (last === undefined) throw new Error('there was nothing to run');
  return journal.finish(last);
}

interface Leg extends LegId {
  prepared: Prepared;
}

function listLegs(variants: readonly Prepared[], rounds: readonly Round[]): Leg[] {
  return rounds.flatMap(({ round, seed, order }) =>
    order.flatMap((index) => {
      const prepared = variants[index];
      return prepared === undefined ? [] : [{ prepared, variant: prepared.name, round, seed }];
    }),
  );
}

/** What came up between two legs. */
function findReasonToEnd(
  { atUs }: LegEnd,
  { stop, broken }: LegSignals,
  { readerGone }: ResultWriter,
): LegEnd | undefined {
  if (broken.aborted) return { atUs, stoppedBy: 'error', reason: String(broken.reason) };
  if (stop.aborted) return { atUs, stoppedBy: 'signal', reason: 'interrupted' };
  return readerGone ? { atUs, stoppedBy: 'signal', reason: READER_GONE } : undefined;
}

const READER_GONE = 'the reader of standard output has gone';

/** A leg that does not start ends the run; what earlier legs measured is kept. */
async function runOne(
  leg: Leg,
  before: LegEnd | undefined,
  signals: LegSignals,
  { journal, writer }: Pick<Storm, 'journal' | 'writer'>,
): Promise<LegEnd> {
  let hasStarted = false;
  try {
    const end = await runLeg(leg.prepared, leg.seed, signals, {
      started(startedAt, t0Us) {
        hasStarted = true;
        journal.legStarted(leg, startedAt, t0Us);
      },
      told(record) {
        journal.add(record);
        return writer.readerGone ? READER_GONE : undefined;
      },
    });
    journal.legEnded(end);
    return end;
  } catch (error) {
    if (hasStarted || before === undefined) throw error;
    const interrupted = findReasonToEnd(before, signals, writer);
    const reason = error instanceof Error ? error.message : String(error);
    return interrupted ?? { atUs: before.atUs, stoppedBy: 'error', reason };
  }
}
