import { renderJson } from '../controls.ts';
import { ConnstormError, UsageError } from '../errors.ts';
import { startLab } from '../lab/lab.ts';
import { describeEnvironment } from '../probes/proc/environment.ts';
import { type InspectionReport, renderInspection } from '../report/inspect/inspection.ts';
import { outputStyle } from '../report/text/paint.ts';
import { noteSilence } from '../run/prepare/note-while-slow.ts';
import { unlessStopped } from '../run/unless-stopped.ts';
import { maskSecrets } from '../secrets.ts';
import { listConnectCosts } from '../targets/inspect/connect-costs.ts';
import { allowIterations } from '../targets/naming/allow-iterations.ts';
import { chooseLab } from '../targets/naming/choose-lab.ts';
import { resolveTarget } from '../targets/naming/resolve.ts';
import type { ResolvedTarget } from '../targets/naming/resolved-target.ts';
import { chooseHosts } from '../targets/visit/choose-hosts.ts';
import { describeServer, describeTarget } from '../targets/visit/describe.ts';
import { readLoginTriggers } from '../targets/visit/inspection.ts';
import type { Preflight } from '../targets/visit/preflight.ts';
import { describeUnanswered } from '../targets/visit/refusal/refusal.ts';
import { isLocal } from '../targets/visit/safety.ts';
import { findServerTimes } from '../targets/visit/server-times.ts';
import { writeMessage } from '../wrap-text.ts';
import type { Command, CommandArgs, CommandIo } from './command.ts';
import { confirmInspection } from './confirm-inspection.ts';
import { readText, switchFlag, textFlag } from './input/flags.ts';
import { createLabInterrupted, withStopSignals } from './input/stop-signals.ts';

const TIMEOUT_US = 10_000_000;

/** `connstorm inspect`: opens at most four connections, one after another, and shows what they found. */
export const inspect: Command = {
  usage: 'inspect [url]',
  summary: 'Show what a target is and allows, and what slows down its connects',
  options: (yargs) =>
    yargs
      .positional('url', {
        type: 'string',
        describe:
          'The server to look at: a URL, a key=value string, or lab. If neither this argument nor the environment ' +
          '(CONNSTORM_TARGET, PGHOST) names a target, the lab is used. Other users of this machine can see the target in ' +
          'the process list: give passwords in PGPASSWORD or ~/.pgpass.',
      })
      .option('target', textFlag('The same as the argument; other commands have this flag, too.'))
      .option(
        'max-scram-iterations',
        textFlag(
          'Log in to a server that asks for up to this many SCRAM iterations (default 100000).',
        ),
      )
      .option('json', switchFlag('Print one JSON object.'))
      .option(
        'yes',
        switchFlag('Do not ask before connecting to a target that is not on this machine.'),
      ),
  execute: async (args, io) => {
    const given = { text: readTarget(args), maxIterations: readMaxIterations(args) };
    const report = await inspectGiven(given, args.yes === true, io);
    if (args.json === true) io.stdout.write(`${renderJson(report)}\n`);
    else io.stdout.write(renderInspection(report, outputStyle(io.stdout, io.env)));
    return [];
  },
};

/** @throws UsageError if the target is given twice or without a value */
function readTarget({ url, target = url }: CommandArgs): string | undefined {
  const isTwice = url !== undefined && target !== url;
  if (target === undefined || (typeof target === 'string' && target !== '' && !isTwice)) {
    return target;
  }
  throw new UsageError('BAD_FLAG', 'the target must be given once, and be a connection string');
}

/** The same limit as that of connection.maxScramIterations in a scenario. */
const MOST_ITERATIONS = 10_000_000;

function readMaxIterations(args: CommandArgs): number | undefined {
  const text = readText(args, 'max-scram-iterations');
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST_ITERATIONS) return count;
  const message = `--max-scram-iterations must be a whole number from 1 to ${MOST_ITERATIONS}, got "${text}"`;
  throw new UsageError('BAD_FLAG', message);
}

interface Given {
  text: string | undefined;
  maxIterations: number | undefined;
}

async function inspectGiven(
  { text, maxIterations }: Given,
  isAllowed: boolean,
  io: CommandIo,
): Promise<InspectionReport> {
  const texts = text === undefined ? [] : [text];
  const choice = chooseLab({ texts, env: io.env, hasBudgets: false });
  if (choice === undefined) {
    return withStopSignals((stop) =>
      unlessStopped(
        stop,
        inspectServer({ text, maxIterations }, { isAllowed, stop }, io),
        createInterrupted,
      ),
    );
  }
  if (choice.roles?.some((role) => role !== 'direct') === true) {
    throw new UsageError(
      'BAD_FLAG',
      "inspect can look only at the lab's server: give lab without a role",
    );
  }
  if (maxIterations !== undefined) {
    throw new UsageError(
      'BAD_FLAG',
      '--max-scram-iterations is for a server that is given, and this would inspect the lab: leave it out, or name a target',
    );
  }
  if (choice.note !== undefined) writeMessage(io.stderr, choice.note, io.env);
  const why = choice.isDefault ? 'no target given' : 'the lab';
  writeMessage(io.stderr, `${why}: starting a Postgres to inspect`, io.env);
  return withStopSignals((stop) => inspectLab(stop, io));
}

async function inspectServer(
  { text, maxIterations }: Given,
  { isAllowed, stop }: { isAllowed: boolean; stop: AbortSignal },
  io: CommandIo,
): Promise<InspectionReport> {
  const given = await resolveTarget({ text, env: io.env });
  if (given === undefined) throw new Error('the lab is not a server that was given');
  await confirmInspection(given, isAllowed, io, stop);
  return inspectTarget(allowIterations(given, maxIterations), false, io);
}

function createInterrupted(): ConnstormError {
  return new ConnstormError(
    'interrupted',
    'INTERRUPTED',
    'interrupted before the inspection ended',
  );
}

async function inspectLab(stop: AbortSignal, io: CommandIo): Promise<InspectionReport> {
  const lab = await startLab({ stop });
  try {
    const resolved = await resolveTarget({ text: lab.url, env: {}, isLab: true });
    if (resolved === undefined) throw new Error('the lab has no URL');
    return await unlessStopped(stop, inspectTarget(resolved, true, io), createLabInterrupted);
  } finally {
    await lab.stop();
  }
}

/** @throws UnreachableError if no host accepts a login, or if the host answers no query */
async function inspectTarget(
  resolved: ResolvedTarget,
  lab: boolean,
  io: CommandIo,
): Promise<InspectionReport> {
  for (const warning of resolved.warnings) {
    writeMessage(io.stderr, warning, io.env);
  }
  const { connectTimeoutS } = resolved;
  const timeoutUs = connectTimeoutS === undefined ? TIMEOUT_US : connectTimeoutS * 1_000_000;
  const visited = await chooseHost(resolved, timeoutUs, io);
  const { target, server, limits, postmasterPid, notices = [], unanswered } = visited;
  if (unanswered !== undefined) throw describeUnanswered(target, unanswered);
  const loginTriggers = await readLoginTriggers(target, server, timeoutUs);
  const { notice } = await findServerTimes(target, server, { timeoutUs });
  return {
    type: 'inspection',
    version: 1,
    target: describeTarget(target),
    lab,
    local: isLocal(target.address),
    postmasterPid,
    dnsUs: resolved.dnsUs,
    server,
    limits,
    serverTimes: notice.available
      ? { available: true }
      : { available: false, reason: notice.reason },
    loginTriggers,
    // Masked here, before it is broken into lines.
    notices: notices.map(({ severity, code, message }) => ({
      severity,
      code,
      message: maskSecrets(message),
    })),
    ...listConnectCosts({
      settings: server.settings,
      tls: server.tls,
      loginTriggers,
      isPooled: server.pooler === true,
    }),
    generator: describeEnvironment(),
  };
}

/** Returns the host to inspect: the first one that a run would storm. */
async function chooseHost(
  resolved: ResolvedTarget,
  timeoutUs: number,
  io: CommandIo,
): Promise<Preflight> {
  const { chosen, leftOut } = await noteSilence(resolved, chooseHosts(resolved, { timeoutUs }), {
    isTerminal: io.stderr.isTTY === true,
    note: (text) => writeMessage(io.stderr, text, io.env),
  });
  const [first, ...others] = chosen;
  if (leftOut.length > 0) {
    writeMessage(io.stderr, `left out: ${leftOut.join('; ')}`, io.env);
  }
  if (others.length > 0) {
    const names = others.map(({ target }) => describeServer(target)).join(', ');
    const advice = `a run would also use ${names}: inspect each of them by itself`;
    writeMessage(io.stderr, advice, io.env);
  }
  return first;
}
