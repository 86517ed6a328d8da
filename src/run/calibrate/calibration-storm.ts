import { type PlanFigures, PlanFold } from '../../analysis/plan-fold.ts';
import { NO_SERVER_TIMES } from '../../drivers/protocol/server-times.ts';
import { Coordinator } from '../../load/threads/coordinator.ts';
import { GeneratorProbe } from '../../probes/generator/generator.ts';
import type { StepSummary } from '../../result/records/summary-figures.ts';
import { parseScenario } from '../../scenario/file/parse.ts';
import { type Plan, planRun, type Step } from '../../scenario/plan/plan.ts';
import { planRounds } from '../../scenario/plan/rounds.ts';
import { resolveTarget } from '../../targets/naming/resolve.ts';
import { describeRun } from '../describe/describe-run.ts';
import { planConnection } from '../legs/load-options.ts';
import type { Prepared } from '../prepare/prepared.ts';

/** Constant rates, one after another, in one pass of the same threads. Each rate is a step. */
export interface Staircase {
  stairs: readonly { ratePerSecond: number; seconds: number }[];
  workers: number;
  /** Returns whether to end the staircase. Called once a second, with the steps that have ended so far. */
  hasEnough(steps: readonly StepSummary[]): boolean;
}

export interface Climbed {
  summary: PlanFigures;
  /** CPU time of the process during each stair, in microseconds. A stair that was cut off has none. */
  cpuUs: readonly number[];
}

const MAX_IN_FLIGHT = 1000;

/**
 * Storms the server at `port` of this machine. There is no first login, because nothing about this server is unknown.
 */
export async function climb(
  port: number,
  { stairs, workers, hasEnough }: Staircase,
  stop: AbortSignal,
): Promise<Climbed> {
  const { header, variant, prepared } = await prepareStorm(port, stairs, workers);
  const { plan } = prepared;
  const fold = new PlanFold(variant, header.environment);
  fold.openLeg(1);
  const coordinator = await Coordinator.launch({
    plan,
    connection: planConnection(plan, prepared),
    endpoints: prepared.found.map(({ target }) => target),
    maxInFlight: prepared.maxInFlight,
    workers,
  });
  const probe = new GeneratorProbe(coordinator.crew);
  const cancel = (): void => coordinator.cancel();
  stop.addEventListener('abort', cancel);
  coordinator.start({
    onInterval: (interval) => {
      fold.add(interval);
      fold.add(probe.sample(coordinator.nowUs));
      const ended = fold.finish().steps.filter(({ toUs }) => toUs <= interval.toUs);
      if (hasEnough(ended)) coordinator.stop('condition', 'enough is known');
    },
  });
  if (stop.aborted) cancel();
  const meter = meterCpu(plan.steps, () => coordinator.nowUs);
  try {
    fold.addEnd(await withoutScram(coordinator));
    return { summary: fold.finish(), cpuUs: meter.cpuUs };
  } finally {
    meter.stop();
    probe.stop();
    stop.removeEventListener('abort', cancel);
  }
}

/** Removes the SCRAM figures from the end: the server uses trust. */
async function withoutScram({ finished }: Coordinator) {
  const { scram: _, ...end } = await finished;
  return end;
}

/** Measures the CPU time at the end of each step. The probe's samples, one a second, would mix neighbouring steps. */
function meterCpu(
  steps: readonly Step[],
  now: () => number,
): { cpuUs: number[]; stop: () => void } {
  const cpuUs: number[] = [];
  let before = 0;
  const read = (): number => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  const at = (us: number, act: () => void) => setTimeout(act, Math.max(0, us - now()) / 1000);
  const start = at(0, () => {
    before = read();
  });
  const timers = steps.map(({ toUs }, index) =>
    at(toUs, () => {
      const total = read();
      cpuUs[index] = total - before;
      before = total;
    }),
  );
  return { cpuUs, stop: () => [start, ...timers].forEach(clearTimeout) };
}

async function prepareStorm(port: number, stairs: Staircase['stairs'], workers: number) {
  const [first] = stairs;
  const text = JSON.stringify({
    shows: 'what this machine can generate',
    load: {
      executor: 'ramping-arrival-rate',
      startRate: first?.ratePerSecond ?? 0,
      // A stage without a duration is a jump.
      stages: stairs.flatMap(({ ratePerSecond, seconds }) => [
        { duration: '0s', target: ratePerSecond },
        { duration: `${seconds}s`, target: ratePerSecond },
      ]),
      maxInFlight: MAX_IN_FLIGHT,
      gracefulStop: '2s',
    },
    connection: { serverTimes: false },
  });
  const loaded = { name: 'calibrate', path: '', ...parseScenario(text, 'calibrate') };
  const [{ scenario }] = loaded.variants;
  const url = `postgresql://storm@127.0.0.1:${port}/storm?sslmode=disable`;
  const resolved = await resolveTarget({ text: url, env: {} });
  const target = resolved?.hosts[0]?.target;
  if (resolved === undefined || target === undefined) throw new Error('the server has no address');
  const unknown = { version: null, tls: null, settings: {}, slots: null, pooler: null };
  const session = { readOnly: null, standby: null };
  const server = { ...unknown, auth: 'trust' };
  const prepared: Prepared = {
    name: loaded.name,
    variant: undefined,
    scenario,
    plan: stepByStair(planRun(scenario), stairs),
    resolved,
    found: [{ target, server, limits: null, postmasterPid: null, session }],
    maxInFlight: MAX_IN_FLIGHT,
    inFlightCure: '',
    isBeyondSlots: false,
    workers,
    warmUpUs: 0,
    serverTimes: NO_SERVER_TIMES,
    isReadOnly: false,
    watch: undefined,
    hasProbes: false,
    seesHost: false,
    lab: undefined,
    sessionMark: undefined,
  };
  const header = describeRun(loaded, [prepared], planRounds(1, 1, scenario.seed), []);
  const [variant] = header.variants;
  if (variant === undefined) throw new Error('nothing was planned');
  return { header, variant, prepared };
}

/** Makes every stair a step. Otherwise a ramp is judged in windows of 5 s. */
function stepByStair(plan: Plan, stairs: Staircase['stairs']): Plan {
  let toUs = 0;
  const steps = stairs.map(({ ratePerSecond, seconds }, index) => {
    const fromUs = toUs;
    toUs += Math.round(seconds * 1_000_000);
    return {
      index,
      block: 0,
      loop: 'open' as const,
      fromUs,
      toUs,
      startRatePerSecond: ratePerSecond,
      endRatePerSecond: ratePerSecond,
    };
  });
  return { ...plan, steps };
}
