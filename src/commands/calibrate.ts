import { renderJson } from '../controls.ts';
import type { ExitReason } from '../errors.ts';
import { renderCalibration } from '../report/calibrate/calibration.ts';
import { outputStyle } from '../report/text/paint.ts';
import { calibrate as runCalibration } from '../run/calibrate/calibrate.ts';
import { writeMessage } from '../wrap-text.ts';
import type { Command, CommandArgs, CommandIo } from './command.ts';
import { switchFlag } from './input/flags.ts';
import { withStopSignals } from './input/stop-signals.ts';

/** `connstorm calibrate`: storms an instant server that it starts itself, for a minute at most. */
export const calibrate: Command = {
  usage: 'calibrate',
  summary:
    'Find out which rate this machine can generate, and how much time connstorm adds to a connect',
  options: (yargs) =>
    yargs
      .option('quick', switchFlag('Give a rougher answer in about 15 s.'))
      .option('json', switchFlag('Print one JSON object.')),
  execute,
};

async function execute(args: CommandArgs, io: CommandIo): Promise<ExitReason[]> {
  return withStopSignals(async (stop) => {
    const calibration = await runCalibration({
      quick: args.quick === true,
      stop,
      note: (text) => writeMessage(io.stderr, text, io.env),
    });
    if (args.json === true) io.stdout.write(`${renderJson(calibration)}\n`);
    else io.stdout.write(renderCalibration(calibration, outputStyle(io.stdout, io.env)));
    if (stop.aborted) return ['interrupted'];
    return calibration.highestPerSecond === null ? ['invalid'] : [];
  });
}
