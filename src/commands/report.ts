import { findExitReasons } from '../analysis/exit-reasons.ts';
import { escapeControls, renderJson } from '../controls.ts';
import type { ExitReason } from '../errors.ts';
import { addOrigin } from '../report/origin.ts';
import { createPaint, outputStyle } from '../report/paint.ts';
import { renderReport } from '../report/terminal.ts';
import { wrapText } from '../report/text.ts';
import type { Command, CommandIo } from './command.ts';
import { switchFlag } from './flags.ts';
import { summariseFile } from './summarise-file.ts';

/** `connstorm report`: judges and shows result files again; the exit code is that of the runs. */
export const report: Command = {
  usage: 'report <file..>',
  summary: 'Show result files again',
  options: (yargs) =>
    yargs
      .positional('file', { type: 'string', array: true, describe: 'Result files (NDJSON)' })
      .option('json', switchFlag('Print the summaries alone, one JSON a line'))
      .option('explain', switchFlag('Say what each figure means')),
  async execute(args, io) {
    const paths = [args.file].flat().map(String);
    const options = { json: args.json === true, explain: args.explain === true };
    const reasons = paths.map((path, index) => {
      const place = { number: index + 1, of: paths.length };
      return showResult(path, place, { ...options, io });
    });
    return reasons.flat();
  },
};

/** Which of how many files it is. */
interface Place {
  number: number;
  of: number;
}

function showResult(
  path: string,
  place: Place,
  { json, explain, io }: { json: boolean; explain: boolean; io: CommandIo },
): ExitReason[] {
  const { header, summary } = summariseFile(path);
  if (json) io.stdout.write(`${renderJson(addOrigin({ header, summary }, path))}\n`);
  else {
    const style = outputStyle(io.stdout, io.env);
    if (place.of > 1) io.stdout.write(renderHeading(path, place, style));
    io.stdout.write(renderReport({ summary, header }, { ...style, resultPath: path, explain }));
  }
  return findExitReasons(summary);
}

/** `== 2 of 3: after.ndjson`, with an empty line before all but the first. */
function renderHeading(
  path: string,
  { number, of }: Place,
  { columns, colour }: ReturnType<typeof outputStyle>,
): string {
  const text = `== ${number} of ${of}: ${escapeControls(path)}`;
  const lines = wrapText(text, columns, 3).map(createPaint(colour).bold);
  return `${number === 1 ? '' : '\n'}${lines.join('\n')}\n`;
}
