import { valueAt } from '../file/field-path.ts';
import { isDataMap } from '../file/merge.ts';
import { findScheduleProblems, findThinkProblems, type ScheduleProblem } from '../plan/schedule.ts';
import { findSearchProblems } from '../plan/search.ts';
import { labSchema } from '../schema/lab-schema.ts';
import {
  blockSchema,
  isBlockMap,
  type Load,
  type LoadBlock,
  listBlocks,
  loadSchema,
} from '../schema/load-schema.ts';
import { connectionSchema } from '../schema/schema.ts';
import { retrySchema, type Stop, stopSchema } from '../schema/session-schema.ts';
import { findBackgroundProblems } from './background-problems.ts';
import { CONNECTION_CHECKS, type ConnectionProblem } from './connection-problems.ts';
import { findEventProblems } from './event-problems.ts';
import { LAB_CHECKS } from './lab-problems.ts';
import {
  findPatienceProblems,
  findRetryProblems,
  findStartProblem,
  findStopProblems,
} from './session-problems.ts';

/**
 * Finds what is wrong between fields that are each well-formed, in data of any shape. Each check looks only at its own
 * fields, so that a fault elsewhere, even in the same section, hides no problem.
 */
export function findProblemsBetween(data: unknown): ScheduleProblem[] {
  return [
    ...findInLoad(data),
    ...findInConnection(data),
    ...findBackgroundProblems(data),
    ...findInRetry(data),
    ...findInStop(data),
    ...findInStarts(data),
    ...findInEvents(data),
    ...findInLab(data),
  ];
}

function findInEvents(data: unknown): ScheduleProblem[] {
  const load = pickSoundBlocks(valueAt(data, ['load']));
  const lab = valueAt(data, ['lab']);
  return findEventProblems(valueAt(data, ['events']), {
    load,
    stop: findStop(data),
    lab,
    killSwitch: valueAt(data, ['killSwitch']),
  });
}

/** Returns the well-formed part of `stop` that says when the run is stopped; undefined if there is none. */
function findStop(data: unknown): Stop | undefined {
  const given = valueAt(data, ['stop']);
  return given === undefined ? undefined : stopSchema.safeParse(pick(given, ['after'])).data;
}

function findInLoad(data: unknown): ScheduleProblem[] {
  const thinks = listBlocks(valueAt(data, ['load'])).flatMap(({ block, path }) =>
    findThinkProblems(valueAt(block, ['think']), path),
  );
  const load = pickSoundBlocks(valueAt(data, ['load']));
  if (load === undefined) return thinks;
  const hasRetry = valueAt(data, ['retry']) !== undefined;
  const holdsToTheEnd = valueAt(data, ['connection', 'hold']) === 'end';
  return [
    ...thinks,
    ...findScheduleProblems(load),
    ...findSearchProblems(load, { hasRetry, holdsToTheEnd }),
  ];
}

/** Returns the load without the blocks that are not well-formed; undefined if none is left. */
export function pickSoundBlocks(load: unknown): Load | undefined {
  const sound = isBlockMap(load)
    ? Object.fromEntries(
        Object.entries(load).filter(([, block]) => blockSchema.safeParse(block).success),
      )
    : load;
  return loadSchema.safeParse(sound).data;
}

function findInConnection(data: unknown): ConnectionProblem[] {
  const given = valueAt(data, ['connection']);
  return CONNECTION_CHECKS.flatMap(({ fields, find }) => {
    const { data: connection } = connectionSchema.safeParse(pick(given, fields));
    return connection === undefined ? [] : find(connection);
  });
}

function findInRetry(data: unknown): ScheduleProblem[] {
  const given = valueAt(data, ['retry']);
  if (!isDataMap(given)) return [];
  // base and cap are checked with the policy none, which needs no timeout.
  const groups = [pick(given, ['policy', 'timeout']), { ...pick(given, ['base', 'cap']), ...NONE }];
  const found = groups.flatMap((group) => {
    const { data: retry } = retrySchema.safeParse(group);
    return retry === undefined ? [] : findRetryProblems(retry);
  });
  const patience = connectionSchema.safeParse(
    pick(valueAt(data, ['connection']), ['abandonAfter']),
  );
  const { data: retry } = retrySchema.safeParse({ ...pick(given, ['timeout']), ...NONE });
  if (retry === undefined || !patience.success) return found;
  return [...found, ...findPatienceProblems(retry, patience.data)];
}

const NONE = { policy: 'none' };

function findInStop(data: unknown): ScheduleProblem[] {
  const given = valueAt(data, ['stop']);
  return isDataMap(given) ? findStopProblems(given) : [];
}

function findInStarts(data: unknown): ScheduleProblem[] {
  const load = pickSoundBlocks(valueAt(data, ['load']));
  const stop = findStop(data);
  if (load === undefined) return [];
  return listBlocks<LoadBlock>(load).flatMap(({ block, path }) =>
    'startTime' in block ? findStartProblem(block, path, stop) : [],
  );
}

function findInLab(data: unknown): ScheduleProblem[] {
  const given = valueAt(data, ['lab']);
  return LAB_CHECKS.flatMap(({ fields, find }) => {
    const { data: lab } = labSchema.safeParse(pickPaths(given, fields));
    return lab === undefined ? [] : find(lab);
  });
}

/** Returns only the fields at these paths. */
function pickPaths(data: unknown, paths: readonly (readonly string[])[]): unknown {
  const names = [...new Set(paths.flatMap(([name]) => name ?? []))];
  const own = pick(data, names);
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => {
      const inner = paths.flatMap(([first, second]) => (first === name ? (second ?? []) : []));
      return [name, inner.length === 0 ? value : pick(value, inner)];
    }),
  );
}

function pick(data: unknown, fields: readonly string[]): Record<string, unknown> {
  if (!isDataMap(data)) return {};
  return Object.fromEntries(
    fields.filter((it) => Object.hasOwn(data, it)).map((it) => [it, data[it]]),
  );
}
