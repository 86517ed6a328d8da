import { UsageError } from '../../errors.ts';
import { checkArgument, FIELD } from '../../options.ts';
import { parseScenario } from './parse.ts';
import type { LoadedScenario } from './read.ts';

/**
 * A scenario from data, such as `{ shows: '...', load: { executor: ... } }`, checked as a file is.
 * @param name what the run and its result are named after
 * @throws UsageError `SCENARIO_INVALID` with one line a problem, all of them
 */
export function loadScenario(data: object, name = 'scenario'): LoadedScenario {
  checkArgument('the first argument of loadScenario', data, FIELD.data);
  checkArgument('the second argument of loadScenario', name, FIELD.text);
  return { name, path: '', ...parseScenario(renderData(data), name) };
}

/** As JSON, which a file may be as well. What JSON would leave out or change without a word is refused. */
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
