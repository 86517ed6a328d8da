import { describeTaken, describeTaste } from '../../analysis/describe-taste.ts';
import { formatCounted, nounOf } from '../../counted.ts';
import { formatDuration, formatSpan } from '../../duration-text.ts';
import { ConnstormError } from '../../errors.ts';
import { Coordinator } from '../../load/threads/coordinator.ts';
import type { Accounting } from '../../model/ledgers.ts';
import type { TasteRecord } from '../../result/records/header.ts';
import type { ErrorCount, IntervalRecord } from '../../result/records/intervals.ts';
import { type Plan, planRun } from '../../scenario/plan/plan.ts';
import {
  chooseRate,
  findHighestRate,
  MOST_TASTED,
  planTaste,
  settleRates,
} from '../../scenario/plan/taste.ts';
import type { Taste } from '../../scenario/schema/taste-schema.ts';
import type { Prepared } from '../prepare/prepared.ts';
import type { RunObserver } from '../request.ts';
import { createInterrupted } from '../unless-stopped.ts';
import { followSignals, type LegSignals, onAbort } from './follow-signals.ts';
import { describeLoadOptions } from './load-options.ts';
import { REAL_PORTS, type RunPorts } from './ports.ts';
import { startProbes } from './start-probes.ts';

const LOOK_EVERY_MS = 20;
/** With fewer arrivals in a round, their p99 is the largest value. */
const FEW_ARRIVALS = 100;

/**
 * Tastes every variant, one after another, and gives all of them the rates that follow from it. Without `taste` the
 * variants stay as they are.
 *
 * @throws ConnstormError if a variant has no successful connect, or if the run is stopped meanwhile
 */
export async function tasteRate(
  variants: readonly Prepared[],
  taste: Taste | undefined,
  { signals, observer, ports = REAL_PORTS }: Ground,
): Promise<{ variants: readonly Prepared[]; taste?: TasteRecord }> {
  const [first] = variants;
  if (taste === undefined || first === undefined) return { variants };
  const takenPerSecond: Record<string, number> = {};
  for (const variant of variants) {
    takenPerSecond[variant.name] = await tasteOne(variant, taste, signals, {
      before: takenPerSecond,
      ports,
    });
  }
  const { share } = taste;
  const highest = findHighestRate(variants.map(({ scenario }) => scenario));
  const ratePerSecond = chooseRate(Object.values(takenPerSecond), {
    share,
    highest,
    durationUs: first.plan.durationUs,
  });
  const record = { share, ratePerSecond, takenPerSecond };
  observer.note(describeTaste(record), 'progress');
  const settled = variants.map((variant) => settle(variant, { highest, ratePerSecond }));
  const [{ plan } = first] = settled;
  const { arrivalCount, durationUs } = plan;
  if ((arrivalCount ?? 0) < FEW_ARRIVALS) {
    observer.note(warnOfFew(arrivalCount ?? 0, durationUs), 'warning');
  }
  return { variants: settled, taste: record };
}

interface Ground {
  signals: LegSignals;
  observer: Pick<RunObserver, 'note'>;
  /** Absent: the real ports. */
  ports?: RunPorts;
}

function settle(variant: Prepared, rates: { highest: number; ratePerSecond: number }): Prepared {
  const scenario = settleRates(variant.scenario, rates);
  return { ...variant, scenario, plan: planRun(scenario) };
}

/**
 * Connects in a closed loop for the duration of the taste. With queries a connect ends at its first query's result.
 * Returns connects per second.
 */
async function tasteOne(
  prepared: Prepared,
  taste: Taste,
  signals: LegSignals,
  { before, ports }: Around,
): Promise<number> {
  const plan = planTaste(prepared.scenario, taste);
  const probes = await startProbes(prepared, signals.stop, ports).catch((error: unknown) => {
    throw signals.stop.aborted ? interrupt(before) : error;
  });
  try {
    const seen = await runTaste(
      prepared,
      plan,
      { ...signals, alarm: probes?.alarm },
      { before, ports },
    );
    if (seen.perSecond > 0) return seen.perSecond;
    throw refuse(prepared.name, seen.error);
  } finally {
    await probes?.stop();
  }
}

interface Around {
  /** Connects per second of the variants before this one. */
  before: TasteRecord['takenPerSecond'];
  ports: RunPorts;
}

interface Tasted {
  perSecond: number;
  error: ErrorCount | undefined;
}

async function runTaste(
  prepared: Prepared,
  plan: Plan,
  { alarm, ...signals }: LegSignals & { alarm: AbortSignal | undefined },
  { before, ports }: Around,
): Promise<Tasted> {
  const tally = new Tally(plan.connection.queries > 0);
  const coordinator = await Coordinator.launch(describeLoadOptions(prepared, plan, ports));
  // Threads do not hear a stop before they have begun.
  if (signals.stop.aborted || signals.cancel.aborted) {
    coordinator.cancel();
    await coordinator.finished;
    throw interrupt(before);
  }
  coordinator.start({ onInterval: (record) => tally.add(record) });
  const killed = (): void => void coordinator.kill(String(alarm?.reason));
  const ignore = followSignals(coordinator, signals);
  const ignoreAlarm = alarm === undefined ? () => {} : onAbort(alarm, killed);
  const stopLooking = ports.load.time.every(LOOK_EVERY_MS, () => {
    const { started } = coordinator.recorder.accounting().accounting;
    if (started >= MOST_TASTED)
      coordinator.stop('condition', 'enough attempts were made to find the rate');
  });
  try {
    const { stoppedBy, reason, stopAtUs = plan.durationUs } = await coordinator.finished;
    if (signals.stop.aborted || signals.cancel.aborted) {
      const { accounting } = coordinator.recorder.accounting();
      const us = Math.min(stopAtUs, plan.durationUs);
      throw interrupt(before, describePart(prepared.name, accounting, us));
    }
    if (stoppedBy === 'error' || alarm?.aborted === true) throw fail(prepared.name, reason);
    return tally.conclude(Math.min(stopAtUs, plan.durationUs));
  } finally {
    stopLooking();
    ignore();
    ignoreAlarm();
  }
}

/** Returns the error of an interrupted taste. `part`: what this taste had done until then. */
function interrupt(before: TasteRecord['takenPerSecond'], part?: string): ConnstormError {
  const parts = part === undefined ? [] : [part];
  const taken = Object.keys(before).length === 0 ? [] : [describeTaken(before)];
  const did = [...taken, ...parts].join('; ');
  return createInterrupted(did === '' ? undefined : did);
}

function describePart(name: string, { started, ok }: Accounting, us: number): string {
  return `the taste of ${name} had made ${formatCounted(started, 'attempt')} in ${formatDuration(us)}, and ${ok.toLocaleString('en-US')} of them were connected`;
}

class Tally {
  readonly #asksQueries: boolean;
  #completed = 0;
  #answered = 0;
  #error: ErrorCount | undefined;

  constructor(asksQueries: boolean) {
    this.#asksQueries = asksQueries;
  }

  add({ steps, errors }: IntervalRecord): void {
    for (const { completed, histograms } of steps) {
      this.#completed += completed;
      this.#answered += histograms.firstQuery?.count ?? 0;
    }
    this.#error ??= errors[0];
  }

  /**
   * Returns connects per second. A pooler is ready before its server is, so a connect without an answer does not count.
   */
  conclude(us: number): Tasted {
    const count = this.#asksQueries ? Math.min(this.#completed, this.#answered) : this.#completed;
    return { perSecond: us === 0 ? 0 : (count * 1e6) / us, error: this.#error };
  }
}

function warnOfFew(arrivals: number, durationUs: number): string {
  return `warning: ${formatCounted(arrivals, 'arrival')} in ${formatSpan(durationUs)} ${nounOf(arrivals, 'is', 'are')} too few for a good p99: set a longer load.duration`;
}

function refuse(name: string, error: ErrorCount | undefined): ConnstormError {
  const why = error === undefined ? '' : ` (${error.code} ${error.message})`;
  const message = `no connect succeeded in the taste of ${name}${why}: set the rate yourself, as in --rate 20`;
  return new ConnstormError('invalid', 'TASTE_EMPTY', message);
}

function fail(name: string, reason: string | undefined): ConnstormError {
  const message = `the taste of ${name} was ended: ${reason ?? 'the reason is not known'}`;
  return new ConnstormError('stopCondition', 'TASTE_STOPPED', message);
}
