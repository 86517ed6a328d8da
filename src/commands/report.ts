import { findExitReasons } from '../analysis/exit-reasons.ts';
import { escapeControls, renderJson } from '../controls.ts';
import type { ExitReason } from '../errors.ts';
import { addOrigin } from '../report/run/origin.ts';
import { renderReport } from '../report/terminal.ts';
import { createPaint, outputStyle } from '../report/text/paint.ts';
import { wrapText } from '../report/text/text.ts';
import type { ResultSource } from '../result/read/pieces.ts';
import { nameSource } from '../result/read/read.ts';
import type { Command, CommandIo } from './command.ts';
import { refuseExplain, switchFlag } from './input/flags.ts';
import { openResults } from './input/standard-input.ts';
import { summariseFile } from './input/summarise-file.ts';

/** `connstorm report`: judges and shows result files again. The exit code is that of the runs. */
export const report: Command = {
  usage: 'report <file..>',
  summary: 'Show result files again',
  options: (yargs) =>
    yargs
      .positional('file', {
        type: 'string',
        array: true,
        describe: 'Result files, or - for standard input.',
      })
      .option('json', switchFlag('Print each summary as one line of JSON.'))
      .option('explain', switchFlag('Say what each figure means.')),
  async execute(args, io) {
    refuseExplain(args, [['--json', args.json === true]]);
    const sources = await openResults([args.file].flat().map(String), io);
    const options = { json: args.json === true, explain: args.explain === true };
    const reasons = sources.map((source, index) => {
      const place = { number: index + 1, of: sources.length };
      return showResult(source, place, { ...options, io });
    });
    return reasons.flat();
  },
};

/** Position of a file among all files. */
interface Place {
  number: number;
  of: number;
}

function showResult(
  source: ResultSource,
  place: Place,
  { json, explain, io }: { json: boolean; explain: boolean; io: CommandIo },
): ExitReason[] {
  const { header, summary } = summariseFile(source);
  const path = nameSource(source);
  if (json) io.stdout.write(`${renderJson(addOrigin({ header, summary }, path))}\n`);
  else {
    const style = outputStyle(io.stdout, io.env);
    if (place.of > 1) io.stdout.write(renderHeading(path, place, style));
    io.stdout.write(renderReport({ summary, header }, { ...style, resultPath: path, explain }));
  }
  return findExitReasons(summary);
}

/** Renders `== 2 of 3: after.ndjson`. All but the first have an empty line in front. */
function renderHeading(
  path: string,
  { number, of }: Place,
  { columns, colour }: ReturnType<typeof outputStyle>,
): string {
  const text = `== ${number} of ${of}: ${escapeControls(path)}`;
  const lines = wrapText(text, columns, 3).map(createPaint(colour).bold);
  return `${number === 1 ? '' : '\n'}${lines.join('\n')}\n`;
}
