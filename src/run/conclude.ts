import { findExitReasons } from '../analysis/exit-reasons.ts';
import { ConnstormError, decideExitCode } from '../errors.ts';
import { lowerHeader, lowerSummary, type Run } from '../result/lift.ts';
import type { AnySummary } from '../result/records/summary-records.ts';
import type { ResultWriter } from '../result/write/write.ts';
import type { RunOutcome, RunRequest } from './request.ts';

/**
 * Writes the summary as the last record of the result, and returns the run's outcome. The summary is computed from the
 * same records that were written.
 */
export async function conclude(
  { header: run, summary: finished }: Run,
  writer: ResultWriter,
  { cancel, stop }: Pick<RunRequest, 'cancel' | 'stop'>,
): Promise<RunOutcome> {
  const header = lowerHeader(run);
  const computed = lowerSummary(run, finished);
  const reasons = findExitReasons(computed);
  writer.append({ ...computed, exitCode: decideExitCode(reasons) });
  const resultPath = await writer.finish(cancel, stop);
  if (writer.failure !== undefined) reasons.push('internal');
  const summary = { ...computed, exitCode: decideExitCode(reasons) };
  const problem = writer.failure ?? describeCrash(summary);
  return { header, summary, resultPath, reasons, problem };
}

function describeCrash({ stoppedBy, reason }: AnySummary): ConnstormError | undefined {
  if (stoppedBy !== 'error') return undefined;
  const message = `${reason ?? 'the run failed'}; what was measured until then is kept`;
  return new ConnstormError('internal', 'WORKER_CRASHED', message);
}

/** Returns the outcome with a problem that did not disturb the run itself. */
export function addProblem(outcome: RunOutcome, problem: ConnstormError): RunOutcome {
  const reasons = [...new Set([...outcome.reasons, problem.exit])];
  const summary = { ...outcome.summary, exitCode: decideExitCode(reasons) };
  return { ...outcome, summary, reasons, problem: outcome.problem ?? problem };
}
