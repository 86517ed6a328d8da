import { parentPort, workerData } from 'node:worker_threads';
import { readMonotonicUs } from '../clock.ts';
import type { ProbeRecord } from '../result/samples.ts';
import { HostProbe } from './host.ts';
import { LastingCanary } from './lasting-canary.ts';
import { PoolerProbe } from './pooler.ts';
import type { ProbeReport, ProbesInput, ProbesMessage } from './probes.ts';
import { ServerProbe } from './server.ts';

/** The entry point of the probes' thread. It wakes for all of them together: each wake-up of an idle thread costs the host. */

const TICK_MS = 250;
/** In ticks. */
const CANARY_EVERY = 2;
const POOLER_EVERY = 2;
const SERVER_EVERY = 4;

type Name = ProbeRecord['probe'];

const input = workerData as ProbesInput;
const port = parentPort;
if (port === null) throw new Error('probe-worker.ts is the entry point of a thread');

const stops: (() => unknown)[] = [];
const lastUs = new Map<Name, number>();
/** What each probe does at a tick; gone once it is lost. */
const ticks = new Map<Name, { every: number; act: () => void }>();
let tick = 0;

await Promise.all([startCanary(), startHost(), startServer()]);
for (const name of ticks.keys()) lastUs.set(name, readMonotonicUs());
const ticking = setInterval(() => {
  tick++;
  for (const { every, act } of ticks.values()) if (tick % every === 0) act();
}, TICK_MS);
post({ type: 'started' });

port.on('message', () => {
  clearInterval(ticking);
  void Promise.all(stops.map((stop) => stop())).then(() => port.close());
});

async function startCanary(): Promise<void> {
  const { endpoint, timeoutUs } = input;
  await new Promise<void>((resolve) => {
    const canary = new LastingCanary({
      endpoint,
      timeoutUs,
      now: readMonotonicUs,
      onAlive: () => {
        tellState('canary', 'on');
        const act = () =>
          tell({ type: 'sample', probe: 'canary', ...span('canary'), ...canary.take() });
        ticks.set('canary', { every: CANARY_EVERY, act });
        resolve();
      },
      onUnborn: (reason) => {
        tellState('canary', 'off', `it could not be connected: ${reason}`);
        resolve();
      },
      onLost: (reason) => tellState('canary', 'lost', reason),
      onBack: () => tellState('canary', 'back', 'connected again'),
    });
    stops.push(() => canary.stop());
  });
}

function startHost(): void {
  if ('reason' in input.host) {
    tellState('host', 'off', input.host.reason);
    return;
  }
  const { pid, port: listens } = input.host;
  try {
    const probe = new HostProbe(pid, listens);
    tellState('host', 'on');
    const act = (): void => {
      const figures = probe.sample();
      if (figures === undefined) lose('host', `the postmaster (${pid}) is gone`);
      else tell({ type: 'sample', probe: 'host', ...span('host'), ...figures });
    };
    ticks.set('host', { every: 1, act });
  } catch (error) {
    tellState('host', 'off', describe(error));
  }
}

async function startServer(): Promise<void> {
  const { endpoint, isEncrypted, timeoutUs, isPooler } = input;
  if (isPooler) {
    tellState('server', 'off', 'a pooler is in between');
    await startAsking('pooler', POOLER_EVERY, async () => {
      const probe = await PoolerProbe.start(endpoint, isEncrypted, timeoutUs);
      stops.push(() => probe.stop());
      return async () => {
        const figures = await probe.sample();
        tell({ type: 'sample', probe: 'pooler', ...span('pooler'), kind: 'pgbouncer', ...figures });
      };
    });
    return;
  }
  await startAsking('server', SERVER_EVERY, async () => {
    const probe = await ServerProbe.start(endpoint, isEncrypted, timeoutUs);
    stops.push(() => probe.stop());
    return async () => {
      const fromUs = readMonotonicUs();
      const figures = await probe.sample();
      const tookUs = readMonotonicUs() - fromUs;
      tell({ type: 'sample', probe: 'server', ...span('server'), tookUs, ...figures });
    };
  });
}

/** One that asks over a connection: no second question while the first is not answered. */
async function startAsking(
  name: Name,
  every: number,
  start: () => Promise<() => Promise<void>>,
): Promise<void> {
  try {
    const ask = await start();
    let isAsking = false;
    const act = (): void => {
      if (isAsking) return;
      isAsking = true;
      ask()
        .catch((error: unknown) => lose(name, describe(error)))
        .finally(() => {
          isAsking = false;
        });
    };
    ticks.set(name, { every, act });
    tellState(name, 'on');
  } catch (error) {
    tellState(name, 'off', describe(error));
  }
}

function lose(name: Name, reason: string): void {
  if (ticks.delete(name)) tellState(name, 'lost', reason);
}

/** The time since the probe's sample before. */
function span(name: Name): { atUs: number; elapsedUs: number } {
  const atUs = readMonotonicUs();
  const elapsedUs = atUs - (lastUs.get(name) ?? atUs);
  lastUs.set(name, atUs);
  return { atUs, elapsedUs };
}

function tellState(probe: Name, state: ProbeRecord['state'], reason?: string): void {
  tell({
    type: 'probe',
    atUs: readMonotonicUs(),
    probe,
    state,
    ...(reason === undefined ? {} : { reason }),
  });
}

function tell(report: ProbeReport): void {
  post({ type: 'told', report });
}

function post(message: ProbesMessage): void {
  port?.postMessage(message);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
