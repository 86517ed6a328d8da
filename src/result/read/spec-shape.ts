import type { Connection, Scenario } from '../../scenario/schema/schema.ts';
import { type Check, count, isMap, map, mapOf, text } from './shape.ts';

/** The parts of a scenario that readers of a result look at. A newer connstorm may have more, and other executors. */

const block = map<{ executor: string }>({ executor: text });

/** One block, or blocks by name: a block has an executor, and other fields than maps. */
const load: Check = (value) =>
  isMap(value) && !('executor' in value) && Object.values(value).some(isMap)
    ? mapOf(block)(value)
    : block(value);

const connection = map<Connection>({}, { driver: text, sslmode: text, queries: count });

/** What is wrong with the scenario of a header, after its path; undefined where readers can do with it. */
export const checkSpec: Check = map<Scenario>({ load, connection }, { retry: map<object>({}) });
