import { parseDuration } from '../duration.ts';
import type { ScheduleProblem } from '../plan/schedule.ts';
import type { Retry, Stop } from '../schema/session-schema.ts';

/** Finds what is wrong between fields of `retry` that are each well-formed. */
export function findRetryProblems(retry: Retry): ScheduleProblem[] {
  const { policy, base, cap, timeout } = retry;
  const problems: ScheduleProblem[] = [];
  if (policy !== 'none' && timeout === undefined) {
    const text =
      `is missing: with policy ${policy} set how long each attempt may take, such as 5s, ` +
      'because without a limit an attempt that gets no answer is never retried';
    problems.push({ path: ['retry', 'timeout'], text });
  }
  if (parseDuration(base) > parseDuration(cap)) {
    problems.push({
      path: ['retry', 'base'],
      text: `must be at most retry.cap (${cap}), got ${base}`,
    });
  }
  return problems;
}

/** Checks abandonAfter against retry.timeout, which replaces connection.timeout. */
export function findPatienceProblems(
  { timeout }: Retry,
  { abandonAfter }: { abandonAfter?: string },
): ScheduleProblem[] {
  if (timeout === undefined || abandonAfter === undefined) return [];
  if (parseDuration(abandonAfter) < parseDuration(timeout)) return [];
  const text = `must be below retry.timeout (${timeout}), or no attempt is abandoned, got ${abandonAfter}`;
  return [{ path: ['connection', 'abandonAfter'], text }];
}

/** Finds fields of `stop` that would have no effect. `given`: its fields as in the file, without defaults. */
export function findStopProblems(given: Readonly<Record<string, unknown>>): ScheduleProblem[] {
  const idle = 'errorRate' in given ? [] : listIdle(given);
  if (idle.length > 0 || STOP_CONDITIONS.some((name) => name in given)) return idle;
  const text = `must have a condition (${STOP_CONDITIONS.join(', ')}), or nothing is stopped`;
  return [{ path: ['stop'], text }];
}

/** Any one of these is enough. */
const STOP_CONDITIONS = ['errorRate', 'failedInARow', 'maxOpen', 'after'] as const;

/** Finds fields that only errorRate uses. */
function listIdle(given: Readonly<Record<string, unknown>>): ScheduleProblem[] {
  return ['window', 'minAttempts']
    .filter((name) => name in given)
    .map((name) => {
      const text = `does nothing without stop.errorRate: add that, or leave ${name} out`;
      return { path: ['stop', name], text };
    });
}

/** Finds a block that would begin only after the run was stopped. `path`: the block's. */
export function findStartProblem(
  { startTime }: { startTime: string },
  path: string[],
  stop: Stop | undefined,
): ScheduleProblem[] {
  if (stop?.after === undefined || parseDuration(startTime) < parseDuration(stop.after)) return [];
  const text = `must be before stop.after (${stop.after}), or the block never begins, got ${startTime}`;
  return [{ path: [...path, 'startTime'], text }];
}
