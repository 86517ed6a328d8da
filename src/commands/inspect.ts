import { UsageError } from '../errors.ts';
import { startLab } from '../lab/lab.ts';
import { describeEnvironment } from '../probes/environment.ts';
import { type InspectionReport, renderInspection } from '../report/inspection.ts';
import { outputStyle } from '../report/paint.ts';
import { listConnectCosts } from '../target/connect-costs.ts';
import { describeTarget } from '../target/describe.ts';
import { readLoginTriggers } from '../target/inspection.ts';
import { preflight } from '../target/preflight.ts';
import { type ResolvedTarget, resolveTarget } from '../target/resolve.ts';
import { isLoopback } from '../target/safety.ts';
import { findServerTimes } from '../target/server-times.ts';
import type { Command, CommandArgs, CommandIo } from './command.ts';

const TIMEOUT_US = 10_000_000;

/** `connstorm inspect`: four connections at most, one after another, and what they showed. */
export const inspect: Command = {
  usage: 'inspect',
  summary: 'Show what a target is and allows, and what makes its connects dear',
  options: (yargs) =>
    yargs
      .option('target', {
        type: 'string',
        requiresArg: true,
        describe: 'What to look at: [role=]postgres://...; without it the lab',
      })
      .option('json', { type: 'boolean', describe: 'Print one JSON object' }),
  execute: async (args, io) => {
    const report = await inspectGiven(readTarget(args), io);
    if (args.json === true) io.stdout.write(`${JSON.stringify(report)}\n`);
    else io.stdout.write(renderInspection(report, outputStyle(io.stdout, io.env)));
    return [];
  },
};

/** @throws UsageError where it is given twice or without a value */
function readTarget({ target }: CommandArgs): string | undefined {
  if (target === undefined || (typeof target === 'string' && target !== '')) return target;
  throw new UsageError('BAD_FLAG', '--target must be given once, with a URL');
}

async function inspectGiven(url: string | undefined, io: CommandIo): Promise<InspectionReport> {
  const given = await resolveTarget({ url, env: io.env });
  if (given !== undefined) return inspectTarget(given, false, io);
  io.stderr.write('no target given: starting a Postgres of our own\n');
  const lab = await startLab();
  try {
    const resolved = await resolveTarget({ url: lab.url, env: {} });
    if (resolved === undefined) throw new Error('the lab has no URL');
    return await inspectTarget(resolved, true, io);
  } finally {
    await lab.stop();
  }
}

/** @throws UnreachableError where the login fails */
async function inspectTarget(
  resolved: ResolvedTarget,
  lab: boolean,
  io: CommandIo,
): Promise<InspectionReport> {
  for (const warning of resolved.warnings) io.stderr.write(`${warning}\n`);
  const found = await preflight(resolved.target, resolved.addresses, { timeoutUs: TIMEOUT_US });
  const { target, server, limits, postmasterPid } = found;
  const loginTriggers = await readLoginTriggers(target, server, TIMEOUT_US);
  const { notice } = await findServerTimes(target, server, { timeoutUs: TIMEOUT_US });
  return {
    type: 'inspection',
    version: 1,
    target: describeTarget(target),
    lab,
    local: isLoopback(target.address),
    postmasterPid,
    dnsUs: resolved.dnsUs,
    server,
    limits,
    serverTimes: notice.available
      ? { available: true }
      : { available: false, reason: notice.reason },
    loginTriggers,
    ...listConnectCosts({ settings: server.settings, tls: server.tls, loginTriggers }),
    generator: describeEnvironment(),
  };
}
