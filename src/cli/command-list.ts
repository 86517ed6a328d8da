import type { Command } from '../commands/command.ts';

/** The commands. Each is loaded only when it is called, so that help and errors answer at once. */
export const COMMANDS: Record<
  string,
  { usage: string; summary: string; load: () => Promise<Command> }
> = {
  run: {
    usage: 'run [scenario]',
    summary: 'Run a scenario, given by its built-in name or its file (default: saturate)',
    load: async () => (await import('../commands/run.ts')).run,
  },
  scenarios: {
    usage: 'scenarios [name]',
    summary: 'List the built-in scenarios, or show one',
    load: async () => (await import('../commands/scenarios.ts')).scenarios,
  },
  validate: {
    usage: 'validate <file..>',
    summary: 'Check scenario files',
    load: async () => (await import('../commands/validate.ts')).validate,
  },
  schema: {
    usage: 'schema',
    summary: "Print the scenario file's JSON Schema",
    load: async () => (await import('../commands/schema.ts')).schema,
  },
  report: {
    usage: 'report <file..>',
    summary: 'Show result files again',
    load: async () => (await import('../commands/report.ts')).report,
  },
  compare: {
    usage: 'compare <baseline> [others..]',
    summary: 'Compare result files with the first of them, or the variants in a single file',
    load: async () => (await import('../commands/compare.ts')).compare,
  },
  check: {
    usage: 'check <result>',
    summary: 'Judge a result file again, by its own budgets or by others',
    load: async () => (await import('../commands/check.ts')).check,
  },
  inspect: {
    usage: 'inspect [url]',
    summary: 'Show what a target is and allows, and what slows down its connects',
    load: async () => (await import('../commands/inspect.ts')).inspect,
  },
  calibrate: {
    usage: 'calibrate',
    summary:
      'Find out which rate this machine can generate, and how much time connstorm adds to a connect',
    load: async () => (await import('../commands/calibrate.ts')).calibrate,
  },
  lab: {
    usage: 'lab',
    summary: 'Start a Postgres for tests, print its URLs, and stop it at Ctrl-C',
    load: async () => (await import('../commands/lab.ts')).lab,
  },
  completion: {
    usage: 'completion [shell]',
    summary: 'Print a script that completes command lines in bash or zsh',
    load: async () => (await import('../commands/completion.ts')).completion,
  },
};
