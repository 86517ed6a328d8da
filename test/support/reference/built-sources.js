// @ts-check

import { PassThrough } from 'node:stream';

// By name at run time: dist is not there when the types are checked.
const dist = new URL('../../../dist/', import.meta.url);

/** What the pages are made from, of the build. @returns {Promise<import('./pages.js').Sources>} */
export async function readSources() {
  /** @type {typeof import('../../../src/scenario/schema/json-schema.ts')} */
  const { buildJsonSchema } = await import(new URL('scenario/schema/json-schema.js', dist).href);
  /** @type {typeof import('../../../src/errors.ts')} */
  const errors = await import(new URL('errors.js', dist).href);
  /** @type {typeof import('../../../src/commands/output/environment.ts')} */
  const { ENVIRONMENT } = await import(new URL('commands/output/environment.js', dist).href);
  /** @type {typeof import('../../../src/cli.ts')} */
  const { runCommandLine } = await import(new URL('cli.js', dist).href);
  /** @type {typeof import('../../../src/cli/command-list.ts')} */
  const { COMMANDS } = await import(new URL('cli/command-list.js', dist).href);
  return {
    scenario: buildJsonSchema(),
    errors,
    environment: ENVIRONMENT,
    commands: await readHelp(Object.keys(COMMANDS), runCommandLine),
  };
}

/**
 * What `--help` of each command prints.
 *
 * @param {readonly string[]} names
 * @param {typeof import('../../../src/cli.ts').runCommandLine} runCommandLine
 * @returns {Promise<import('./command-line.js').CommandHelp[]>}
 */
export async function readHelp(names, runCommandLine) {
  const pages = [];
  for (const name of names) {
    const stdout = Object.assign(new PassThrough(), { columns: 100 });
    const io = { stdout, stderr: new PassThrough(), stdin: new PassThrough(), env: {} };
    await runCommandLine([name, '--help'], io);
    pages.push({ name, help: String(stdout.read()).trimEnd() });
  }
  return pages;
}
