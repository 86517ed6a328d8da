import { UsageError } from '../../../errors.ts';
import { parseDuration } from '../../../scenario/duration.ts';
import { findConnectionProblems } from '../../../scenario/problems/connection-problems.ts';
import type { Scenario } from '../../../scenario/schema/schema.ts';
import { invalid } from './invalid.ts';

/** The longest connection.timeout of a scenario. */
const MAX_S = 600;

/**
 * libpq's connect_timeout in whole seconds; 0 and less is none, as in libpq. Since PostgreSQL 17's libpq 1 is 1 second, and
 * so it is here; before, it was 2. Throws UsageError for more than an attempt may take.
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
 * The scenario with the target's connect_timeout as its connection.timeout, and what to tell people of it. It outranks the
 * scenario's file, which always has one, but neither `--set connection.timeout` nor retry.timeout. Throws UsageError where abandonAfter would
 * then never come.
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
