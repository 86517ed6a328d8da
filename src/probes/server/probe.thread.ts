import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { readMonotonicUs } from '../../clock.ts';
import { isEndUnheard } from '../../drivers/failure.ts';
import { joinOptions } from '../../drivers/protocol/startup.ts';
import { refusesOptions } from '../../drivers/protocol/time-limits.ts';
import { isSlotRefusal } from '../../model/slot-refusals.ts';
import type { ProbeSessions, ProbesInput, ProbesMessage, ProbesOrder } from '../probes.ts';
import { Allowance } from './allowance.ts';
import { AskedProbe, type AskedProbeOptions, describeError } from './asked-probe.ts';
import type { HostFigures } from './host.ts';
import {
  describeDeath,
  describeRefusal,
  describeShutOut,
  describeSlowness,
  NOT_BACK,
} from './kill-reasons.ts';
import { KillSwitch } from './kill-switch.ts';
import { LastingCanary } from './lasting-canary.ts';
import { LastingHost } from './lasting-host.ts';
import { PoolerProbe } from './pooler.ts';
import { ProbeJournal } from './probe-journal.ts';
import { ServerProbe } from './server.ts';
import { patienceOf } from './slowness.ts';
import { Ticker } from './ticker.ts';
import { Witness } from './witness.ts';

/** The entry point of the probes' thread. It only sets the order in which things are done. */

/** The canary's pace. The paces of the other probes are counted in these ticks. */
const TICK_MS = 100;
const HOST_EVERY = 3;
const CANARY_TOLD_EVERY = 5;
const POOLER_EVERY = 5;
const SERVER_EVERY = 10;
const WATCH_EVERY = 10;
const SETTLE_TICKS = 10;
/** Time that a new connection may still take if it is being opened at the end. */
const WITNESS_ENDS_MS = 500;

const { endpoint, isEncrypted, unlimited, timeoutUs, watch, isFullExpected, sampled } =
  workerData as ProbesInput;
const port = parentPort;
if (port === null) throw new Error('probe.thread.ts is the entry point of a thread');

const ticker = new Ticker(TICK_MS);
const allowance = new Allowance(readMonotonicUs);
const journal = new ProbeJournal((report) => {
  if (sampled !== undefined) post({ type: 'told', report });
});
const stops: (() => unknown)[] = [];
const sessions: ProbeSessions = { canary: 0, witness: 0, server: 0 };
const asked: { look(): Promise<void> }[] = [];
/** Processes of clients before the load. */
let backendsBefore = 0;
/** Posts what the kill switch saw since the last account. */
let postSeen = (): void => {};
/** Posts the last account, once the connection that is being opened has ended, or after `WITNESS_ENDS_MS`. */
let finishSeeing = async (): Promise<void> => {};
const killSwitch = watch === undefined ? undefined : createKillSwitch(watch);

const host = startHost();
const canary = await startCanary();
await startAsking();
if (canary !== undefined) {
  ticker.add(CANARY_TOLD_EVERY, () => postAnswers(canary));
  if (killSwitch !== undefined) startWatch(killSwitch);
  // Added last, so that it runs last in a tick: its answer comes while the thread has nothing else to do.
  ticker.add(1, () => canary.ask());
}
post({ type: 'started' });

port.on('message', (order: ProbesOrder) => {
  if (order.type === 'look') {
    void look(order).then(() => post({ type: 'looked', number: order.number }));
    return;
  }
  if (order.type === 'allow') {
    allowance.allow(order.untilUs);
    post({ type: 'allowed', number: order.number });
    return;
  }
  ticker.stop();
  void finishSeeing()
    .then(() => Promise.all(stops.map((stop) => stop())))
    .then(() => {
      post({ type: 'ended', sessions });
      port.close();
    });
});

async function look({ settles }: Extract<ProbesOrder, { type: 'look' }>): Promise<void> {
  if (settles) await settle();
  else backendsBefore = host?.countBackends() ?? 0;
  host?.look(true);
  await Promise.all(asked.map((probe) => probe.look()));
}

/**
 * Waits until the storm's backends have ended, which happens some time after their connections: while their number
 * falls, one second at most.
 */
async function settle(): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  for (let left = SETTLE_TICKS; left > 0; left--) {
    const now = host?.countBackends() ?? 0;
    if (now <= backendsBefore || now >= before) return;
    before = now;
    await delay(TICK_MS);
  }
}

function startHost(): LastingHost | undefined {
  if (sampled === undefined) return undefined;
  try {
    if ('reason' in sampled.host) throw new Error(sampled.host.reason);
    const started = new LastingHost(sampled.host, {
      login: endpoint,
      onSample: (figures: HostFigures) => journal.saw({ probe: 'host', ...figures }),
      onLost: (reason) => journal.lost('host', reason),
      onBack: (reason) => journal.cameBack('host', reason),
    });
    ticker.add(HOST_EVERY, () => started.look());
    journal.turnedOn('host');
    return started;
  } catch (error) {
    journal.turnedOff('host', describeError(error));
    return undefined;
  }
}

/** Returns the endpoint as connstorm's own sessions use it: the server's time limits must not end them. */
function ownLogin(): ProbesInput['endpoint'] {
  if (unlimited === undefined || !('options' in unlimited)) return endpoint;
  const options = joinOptions(endpoint.options, unlimited.options);
  return options === undefined ? endpoint : { ...endpoint, options };
}

/**
 * Resolves with the canary at its first answer, or with undefined if it cannot be connected. `isBare`: the canary
 * leaves the server's time limits as they are, for a server that does not take the settings that lift them.
 */
function startCanary(
  { isBare } = { isBare: unlimited === undefined },
): Promise<LastingCanary | undefined> {
  return new Promise((resolve) => {
    const started = new LastingCanary({
      endpoint: isBare ? endpoint : ownLogin(),
      question:
        !isBare && unlimited !== undefined && 'question' in unlimited
          ? unlimited.question
          : undefined,
      timeoutUs: Math.max(timeoutUs, watch === undefined ? 0 : patienceOf(watch.canaryUs)),
      now: readMonotonicUs,
      // If there is a kill switch, the canary's death ends the run, unless an event is allowed to cut it off.
      onReady: () => sessions.canary++,
      comesBack: () => watch === undefined || allowance.isOpen,
      onAlive: () => {
        journal.turnedOn('canary');
        resolve(started);
      },
      onUnborn: (reason, failure) => {
        if (!isBare && refusesOptions(failure ?? {})) {
          resolve(startCanary({ isBare: true }));
          return;
        }
        if (watch !== undefined) post({ type: 'unborn', reason, failure });
        journal.turnedOff('canary', `it could not be connected: ${reason}`);
        resolve(undefined);
      },
      onLost: (reason) => {
        postAnswers(started);
        if (watch !== undefined) raise('alarm', describeDeath(reason));
        journal.lost('canary', reason);
      },
      onBack: (backendPid) => {
        journal.cameBack('canary', 'it is connected again');
        if (backendPid !== null && sampled?.pooler === undefined) host?.findAgain(backendPid);
      },
    });
    stops.push(() => started.stop());
  });
}

async function startAsking(): Promise<void> {
  if (sampled === undefined) return;
  if (sampled.pooler === undefined) {
    await start({
      probe: 'server',
      every: SERVER_EVERY,
      open: openServer,
      onSample: (figures, tookUs) => journal.saw({ probe: 'server', tookUs, ...figures }),
    });
    return;
  }
  const { isHere } = sampled.pooler;
  journal.turnedOff('server', 'a pooler is in between');
  await start({
    probe: 'pooler',
    every: POOLER_EVERY,
    open: () => PoolerProbe.open(endpoint, isEncrypted, { isHere, timeoutUs }),
    onSample: (figures) => journal.saw({ probe: 'pooler', kind: 'pgbouncer', ...figures }),
  });
}

function openServer(): Promise<ServerProbe> {
  const options = { isEncrypted, timeoutUs, onReady: () => sessions.server++ };
  return ServerProbe.open(ownLogin(), options).catch((error: unknown) => {
    if (!refusesOptions(error)) throw error;
    return ServerProbe.open(endpoint, options);
  });
}

interface Asking<Figures> extends Pick<AskedProbeOptions<Figures>, 'open' | 'onSample'> {
  probe: 'server' | 'pooler';
  every: number;
}

async function start<Figures>({ probe, every, ...rest }: Asking<Figures>): Promise<void> {
  try {
    const started = await AskedProbe.start({
      ...rest,
      now: readMonotonicUs,
      onLost: (reason) => journal.lost(probe, reason),
      onBack: () => journal.cameBack(probe, 'it is connected again'),
    });
    stops.push(() => started.stop());
    asked.push(started);
    ticker.add(every, () => started.ask());
    journal.turnedOn(probe);
  } catch (error) {
    journal.turnedOff(probe, describeError(error));
  }
}

function createKillSwitch({ endsStep, ...limits }: NonNullable<ProbesInput['watch']>): KillSwitch {
  return new KillSwitch({
    limits,
    onSlow: (reason) => {
      // A search goes on with other steps after the one that this ends.
      if (endsStep) raise('slow', reason);
      else raise('alarm', describeSlowness(reason));
    },
    onBack: () => post({ type: 'back' }),
  });
}

function startWatch(killSwitch: KillSwitch): void {
  const witness = new Witness({
    endpoint,
    timeoutUs: Math.max(timeoutUs, patienceOf(watch?.witnessUs ?? 0)),
    now: readMonotonicUs,
    onReady: () => sessions.witness++,
    onEnd: (tookUs) => killSwitch.noteWitness(tookUs),
    onRefusal: (failure) => {
      if (isFullExpected && isSlotRefusal(failure)) return;
      raise('alarm', describeRefusal(failure));
    },
    onShutOut: (failure) => {
      // A full proxy closes connections without a message.
      if (isFullExpected && isEndUnheard(failure)) return;
      raise('alarm', describeShutOut(failure));
    },
  });
  stops.push(() => witness.stop());
  postSeen = () => {
    const seen = { canary: killSwitch.takeCanary(), witness: witness.take() };
    post({ type: 'seen', seen });
  };
  finishSeeing = async () => {
    await Promise.race([witness.ended, delay(WITNESS_ENDS_MS)]);
    postSeen();
  };
  ticker.add(WATCH_EVERY, () => {
    killSwitch.noteWitnessWaits(witness.waitingUs);
    if (allowance.takeEnd()) judgeAfterEvent(killSwitch);
    postSeen();
    witness.connect();
  });
}

/** Raises what an event was allowed to do, and what still holds after its time. */
function judgeAfterEvent(killSwitch: KillSwitch): void {
  if (canary?.isLost === true) raise('alarm', NOT_BACK);
  else if (killSwitch.reason !== undefined) raise('alarm', describeSlowness(killSwitch.reason));
}

let isAlarmed = false;

/** Posts an alarm or slowness, after what was seen until then; nothing while an event may cut off others. */
function raise(type: 'alarm' | 'slow', reason: string): void {
  if (allowance.isOpen || isAlarmed) return;
  isAlarmed = type === 'alarm';
  postSeen();
  post({ type, reason });
}

function postAnswers(from: LastingCanary): void {
  const figures = from.take();
  if (figures === undefined) return;
  journal.saw({ probe: 'canary', ...figures });
  killSwitch?.noteCanary(figures.answersUs, figures.waitingUs);
}

function post(message: ProbesMessage): void {
  port?.postMessage(message);
}
