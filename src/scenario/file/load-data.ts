import { UsageError } from '../../errors.ts';
import { checkArgument, FIELD } from '../../options.ts';
import { parseScenario } from './parse.ts';
import type { LoadedScenario } from './read.ts';

/**
 * Checks a scenario given as data, such as `{ shows: '...', load: { executor: ... } }`, as a file is checked.
 * @param name the name of the run and of its result
 * @throws UsageError `SCENARIO_INVALID` with all problems, one line each
 */
export function loadScenario(data: object, name = 'scenario'): LoadedScenario {
  checkArgument('the first argument of loadScenario', data, FIELD.data);
  checkArgument('the second argument of loadScenario', name, FIELD.text);
  return { name, path: '', ...parseScenario(renderData(data), name) };
}

/** Renders data as JSON, which a file may contain too. Refuses what JSON would silently leave out or change. */
function renderData(data: object): string {
  try {
    return JSON.stringify(data, refuseUnfit, 1) ?? '';
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new UsageError('SCENARIO_INVALID', `the scenario is not plain data: ${why}`, { cause });
  }
}

function refuseUnfit(field: string, value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`${field} is a ${typeof value}`);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`${field} is ${value}`);
  }
  if (value instanceof Map || value instanceof Set) {
    throw new TypeError(
      `${field} is a ${value instanceof Map ? 'Map' : 'Set'}, not an object or list`,
    );
  }
  return value;
}
