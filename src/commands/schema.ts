import { renderJson } from '../controls.ts';
import { buildJsonSchema } from '../scenario/schema/json-schema.ts';
import type { Command } from './command.ts';

export const schema: Command = {
  usage: 'schema',
  summary: "Print the scenario file's JSON Schema",
  options: (yargs) => yargs,
  async execute(_args, io) {
    io.stdout.write(`${renderJson(buildJsonSchema(), 2)}\n`);
    return [];
  },
};
