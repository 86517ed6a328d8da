import { execFileSync } from 'node:child_process';
import { UsageError } from '../../errors.ts';
import { parseCpuList, readAllowedCpus } from '../../probes/proc/cpus.ts';

const WHO = ['generator', 'server'] as const;
type Who = (typeof WHO)[number];

/** CPUs by number, in the form that taskset takes: `0`, `2-3`, `0,2`. */
export type Pins = Partial<Record<Who, string>>;

/** Parses texts such as `generator=0` and `server=1`. A text may contain several of them. Throws UsageError. */
export function parsePins(texts: readonly string[]): Pins {
  const pins: Pins = {};
  for (const text of texts.flatMap((given) => given.trim().split(/\s+/))) {
    const [, name, cpus = ''] = /^(\w+)=(.*)$/.exec(text) ?? [];
    const who = WHO.find((known) => known === name);
    if (who === undefined || parseCpuList(cpus).length === 0) {
      throw refuse(
        `must be generator=CPUS or server=CPUS, such as generator=0 server=1-3, got "${text}" (a scenario's name goes before --pin)`,
      );
    }
    if (pins[who] !== undefined) throw refuse(`names ${who} twice`);
    pins[who] = cpus;
  }
  return pins;
}

/** Facts about this machine and run that pinning depends on. */
export interface PinningGround {
  /** CPUs that this process may use; undefined if the system does not report them. */
  allowedCpus: readonly number[] | undefined;
  hasTaskset: boolean;
  hasLab: boolean;
}

/** Throws UsageError if the pins cannot be applied, or would do harm. */
export function checkPins(pins: Pins, { allowedCpus, hasTaskset, hasLab }: PinningGround): void {
  const [generator, server] = [pins.generator, pins.server].map((text) => parseCpuList(text ?? ''));
  if (allowedCpus === undefined) throw refuse('works only on Linux');
  if (allowedCpus.length < 2) {
    throw refuse('needs at least two CPUs: there is only one, which both would share anyway');
  }
  if (!hasTaskset) throw refuse('needs taskset, from the package util-linux');
  if (pins.server !== undefined && !hasLab) {
    throw refuse('server= is only for the lab: connstorm cannot choose the CPUs of another target');
  }
  const unknown = [...(generator ?? []), ...(server ?? [])].find(
    (cpu) => !allowedCpus.includes(cpu),
  );
  if (unknown !== undefined) {
    throw refuse(
      `names CPU ${unknown}, which this process may not use: it may use ${allowedCpus.join(', ')}`,
    );
  }
  const shared = generator?.find((cpu) => server?.includes(cpu));
  if (shared !== undefined) throw refuse(`gives CPU ${shared} to both: give each its own CPUs`);
}

/** Checks pins against this machine. Throws as checkPins does. */
export function checkPinsHere(pins: Pins, hasLab: boolean): void {
  if (Object.keys(pins).length === 0) return;
  checkPins(pins, { allowedCpus: readAllowedCpus(), hasTaskset: findTaskset(), hasLab });
}

/**
 * Pins this process with all of its threads. Later threads and programs inherit the pin: call it once the lab runs, which
 * has CPUs of its own, and before the workers start.
 */
export function pinSelf({ generator }: Pins): void {
  if (generator === undefined) return;
  try {
    const args = ['--all-tasks', '--cpu-list', '--pid', generator, String(process.pid)];
    execFileSync('taskset', args, { stdio: 'pipe' });
  } catch (error) {
    throw refuse(`failed: ${(error as Error).message.trim()}`, error);
  }
}

function findTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

function refuse(why: string, cause?: unknown): UsageError {
  return new UsageError('PIN', `--pin ${why}`, { cause });
}
