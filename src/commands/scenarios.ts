import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { outputStyle } from '../report/text/paint.ts';
import { wrapText } from '../report/text/text.ts';
import { type BuiltIn, GROUPS, listBuiltIns } from '../scenario/file/built-ins.ts';
import { readScenario } from '../scenario/file/read.ts';
import { suggestNearest } from '../scenario/nearest.ts';
import type { Command } from './command.ts';
import { refuseConnectionString } from './input/misplaced-target.ts';

export const scenarios: Command = {
  usage: 'scenarios [name]',
  summary: 'List the built-in scenarios, or show one',
  options: (yargs) =>
    yargs.positional('name', { type: 'string', describe: 'The scenario whose file to show.' }),
  async execute(args, io) {
    const text =
      args.name === undefined
        ? renderList(outputStyle(io.stdout, io.env).columns)
        : readBuiltIn(String(args.name));
    io.stdout.write(text);
    return [];
  },
};

/** Wider lines are hard to read. */
const WIDEST = 80;
/** In narrower columns a sentence is placed below its name. */
const NARROWEST = 30;

/** Renders the scenarios in their groups. Folders without a description come last. */
function renderList(columns: number): string {
  const width = Math.min(WIDEST, columns);
  const builtIns = listBuiltIns();
  const indent = Math.max(...builtIns.map(({ name }) => name.length)) + 4;
  const folders = new Set([...Object.keys(GROUPS), ...builtIns.map(({ folder }) => folder)]);
  const groups = [...folders].flatMap((folder) => {
    const own = builtIns.filter((builtIn) => builtIn.folder === folder);
    if (own.length === 0) return [];
    const what = GROUPS[folder] === undefined ? '' : `: ${GROUPS[folder]}`;
    const title = wrapText(`${folder}${what}`, width, 2).join('\n');
    return [[title, ...own.map(({ name }) => renderEntry(name, width, indent))].join('\n')];
  });
  return `${groups.join('\n\n')}\n`;
}

/** Renders a scenario's name and what it shows. If there is room, the sentence has its own column. */
function renderEntry(name: string, width: number, indent: number): string {
  const shows = readScenario(name).shows.replace(/\s+/g, ' ');
  if (width - indent < NARROWEST) {
    return [`  ${name}`, ...wrapText(`    ${shows}`, width, 4)].join('\n');
  }
  const lines = wrapText(shows, width - indent);
  return `  ${name}`.padEnd(indent) + lines.join(`\n${' '.repeat(indent)}`);
}

function readBuiltIn(name: string): string {
  refuseConnectionString(name, 'the name of a built-in scenario');
  const builtIns = listBuiltIns();
  const found = builtIns.find((builtIn) => builtIn.name === name);
  if (found === undefined) throw notBuiltIn(name, builtIns);
  return readFileSync(found.path, 'utf8');
}

function notBuiltIn(name: string, builtIns: readonly BuiltIn[]): UsageError {
  const names = builtIns.map((builtIn) => builtIn.name);
  const advice = suggestNearest(name, names);
  const message = `no built-in scenario \`${name}\`: there are ${names.join(', ')}${advice}`;
  return new UsageError('SCENARIO_NOT_FOUND', message);
}
