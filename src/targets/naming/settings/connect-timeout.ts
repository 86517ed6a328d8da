import { UsageError } from '../../../errors.ts';
import { parseDuration } from '../../../scenario/duration.ts';
import { findConnectionProblems } from '../../../scenario/problems/connection-problems.ts';
import type { Scenario } from '../../../scenario/schema/schema.ts';
import { invalid } from './invalid.ts';

/** The longest connection.timeout that a scenario can set. */
const MAX_S = 600;

/**
 * Reads libpq's connect_timeout in whole seconds. As in libpq, 0 and less mean none. 1 means 1 second, as in libpq
 * since PostgreSQL 17; before, libpq took it for 2. Throws UsageError for more than an attempt may take.
 */
export function readConnectTimeout(value: string, source: string): { connectTimeoutS?: number } {
  const text = value.trim();
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`${source} must be whole seconds, got "${value}"`);
  const seconds = Number(text);
  if (seconds > MAX_S) throw invalid(`${source} must be at most ${MAX_S} seconds, got ${text}`);
  return seconds > 0 ? { connectTimeoutS: seconds } : {};
}

/** A scenario, and the paths of the fields that flags set in it. */
export interface FlaggedScenario {
  scenario: Scenario;
  flagged?: readonly string[];
}

/**
 * Returns the scenario with the target's connect_timeout as its connection.timeout, and a line for people about it.
 * connect_timeout outranks the scenario's file, which always has a timeout. It outranks neither `--set
 * connection.timeout` nor retry.timeout. Throws UsageError if abandonAfter would then never come.
 */
export function followConnectTimeout<T extends FlaggedScenario>(
  loaded: T,
  seconds: number | undefined,
): [T, string?] {
  if (seconds === undefined) return [loaded];
  const { scenario } = loaded;
  const { timeout } = scenario.connection;
  if (parseDuration(timeout) === seconds * 1_000_000) return [loaded];
  if (loaded.flagged?.some((path) => path === 'connection.timeout' || path === 'connection')) {
    return [
      loaded,
      `connect_timeout=${seconds} of the target is ignored: connection.timeout is set to ${timeout}`,
    ];
  }
  const own = scenario.retry?.timeout;
  if (own !== undefined) {
    return [loaded, `connect_timeout=${seconds} of the target is ignored: retry.timeout is ${own}`];
  }
  const connection = { ...scenario.connection, timeout: `${seconds}s` };
  const [problem] = findConnectionProblems(connection);
  if (problem !== undefined) {
    throw new UsageError(
      'TARGET_INVALID',
      `connect_timeout=${seconds} of the target: ${problem.path.join('.')} ${problem.text}`,
    );
  }
  return [
    { ...loaded, scenario: { ...scenario, connection } },
    `attempts time out after ${seconds} s, as the target's connect_timeout says, not after ${timeout}`,
  ];
}
