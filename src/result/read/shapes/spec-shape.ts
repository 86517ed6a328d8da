import type { Connection, Scenario } from '../../../scenario/schema/schema.ts';
import { type Check, count, isMap, map, mapOf, text } from './shape.ts';

/**
 * Checks of the parts of a scenario that readers of a result use. A newer connstorm may have more parts, and other
 * executors.
 */

const block = map<{ executor: string }>({ executor: text });

/** One block, or blocks by name. A block has an executor, and its other fields are not all maps. */
const load: Check = (value) =>
  isMap(value) && !('executor' in value) && Object.values(value).some(isMap)
    ? mapOf(block)(value)
    : block(value);

const connection = map<Connection>({}, { driver: text, sslmode: text, queries: count });

/** Returns what is wrong with a header's scenario, beginning with the field's path; undefined if readers can use it. */
export const checkSpec: Check = map<Scenario>({ load, connection }, { retry: map<object>({}) });
