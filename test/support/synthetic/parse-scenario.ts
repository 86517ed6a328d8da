import { parseScenario as parseFile } from '../../../src/scenario/file/parse.ts';
import type { Scenario } from '../../../src/scenario/schema/schema.ts';

/** The scenario of a text without variants. */
export function parseScenario(...args: Parameters<typeof parseFile>): Scenario {
  const { variants } = parseFile(...args);
  const [{ name, scenario }] = variants;
  if (name !== undefined) throw new Error(`there are variants, the first of them ${name}`);
  return scenario;
}
