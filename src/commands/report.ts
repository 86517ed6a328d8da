import { findExitReasons } from '../analysis/exit-reasons.ts';
import type { ExitReason } from '../errors.ts';
import { outputStyle } from '../report/paint.ts';
import { renderReport } from '../report/terminal.ts';
import type { ResultSource } from '../result/pieces.ts';
import { nameSource } from '../result/read.ts';
import type { Command, CommandIo } from './command.ts';
import { switchFlag } from './flags.ts';
import { openResults } from './standard-input.ts';
import { summariseFile } from './summarise-file.ts';

/** `connstorm report`: judges and shows result files again; the exit code is that of the runs. */
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
      .option('json', switchFlag('Print each summary as one line of JSON.')),
  async execute(args, io) {
    const sources = await openResults([args.file].flat().map(String), io);
    const reasons = sources.map((source) => showResult(source, args.json === true, io));
    return reasons.flat();
  },
};

function showResult(source: ResultSource, json: boolean, io: CommandIo): ExitReason[] {
  const { header, summary } = summariseFile(source);
  if (json) io.stdout.write(`${JSON.stringify(summary)}\n`);
  else {
    const style = outputStyle(io.stdout, io.env);
    io.stdout.write(
      renderReport({ summary, header }, { ...style, resultPath: nameSource(source) }),
    );
  }
  return findExitReasons(summary);
}
