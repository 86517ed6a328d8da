import { Background } from '../../background/background.ts';
import type { BackgroundInput } from '../../background/messages.ts';
import { type LoadPorts, REAL_LOAD } from '../../load/threads/ports.ts';
import { GeneratorProbe } from '../../probes/generator/generator.ts';
import type { WatchedThread } from '../../probes/generator/worker.ts';
import { Probes, type ProbesInput } from '../../probes/probes.ts';
import { type EventActs, openEventActs } from '../events/event-acts.ts';
import type { Prepared } from '../prepare/prepared.ts';

/** The part of Background that a leg uses. */
export type LegBackground = Pick<Background, 'begin' | 'stop'>;

/** What a leg needs of its target's probes. */
export type TargetProbes = Pick<
  Probes,
  'alarm' | 'allow' | 'mark' | 'lookOnce' | 'listen' | 'stop'
> &
  Partial<Pick<Probes, 'sessions'>>;

/**
 * What legs need from outside: threads, time, activities beside the load, and probes of the target and of connstorm.
 * Tests replace them, with virtual time.
 */
export interface RunPorts {
  load: LoadPorts;
  /** Rejects if the kill switch is on and its canary cannot be connected. */
  startProbes(input: ProbesInput): Promise<TargetProbes>;
  /** Rejects if an activity cannot work. `stop`: ends the opening. */
  startBackground(input: BackgroundInput, stop: AbortSignal): Promise<LegBackground>;
  /** Opens what a variant's events need. Rejects if a server does not accept a login. */
  openEvents(prepared: Prepared): Promise<EventActs>;
  watchGenerator(threads: readonly WatchedThread[]): Pick<GeneratorProbe, 'sample' | 'stop'>;
}

export const REAL_PORTS: RunPorts = {
  load: REAL_LOAD,
  startProbes: (input) => Probes.start(input),
  startBackground: (input, stop) => Background.start(input, stop),
  openEvents: openEventActs,
  watchGenerator: (threads) => new GeneratorProbe(threads),
};
