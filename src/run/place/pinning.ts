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
export function checkPins(pins: Pins, ground: PinningGround): void {
  if (Object.keys(pins).length === 0) return;
  const { generator, server } = pins;
  if (server !== undefined && !ground.hasLab) {
    throw refuse('server= is only for the lab: connstorm cannot choose the CPUs of another target');
  }
  for (const cpus of [generator, server]) if (cpus !== undefined) checkCpus(cpus, FLAG, ground);
  checkApart(generator, server, FLAG);
}

/** CPUs that a field of the scenario gives to a server of the lab. */
export interface FieldCpus {
  /** Path of the field, e.g. `lab.postgres.cpus`. */
  field: string;
  cpus: string;
}

/** Throws UsageError, which names the field, if the CPUs cannot be applied, or are those of connstorm itself. */
export function checkFieldCpus(
  fields: readonly FieldCpus[],
  { generator }: Pins,
  ground: PinningGround,
): void {
  for (const { field, cpus } of fields) {
    checkCpus(cpus, field, ground);
    checkApart(generator, cpus, field);
  }
}

/** @param what what names the CPUs: `--pin`, or a field's path */
function checkCpus(text: string, what: string, { allowedCpus, hasTaskset }: PinningGround): void {
  if (allowedCpus === undefined) throw refuse('works only on Linux', what);
  if (allowedCpus.length < 2) {
    const why = 'needs at least two CPUs: there is only one, which both would share anyway';
    throw refuse(why, what);
  }
  if (!hasTaskset) throw refuse('needs taskset, from the package util-linux', what);
  const cpus = parseCpuList(text);
  const unknown = cpus.find((cpu) => !allowedCpus.includes(cpu));
  if (unknown !== undefined) {
    const why = `names CPU ${unknown}, which this process may not use: it may use ${allowedCpus.join(', ')}`;
    throw refuse(why, what);
  }
  if (cpus.length === 0) throw refuse(`must be a list of CPUs such as 0 or 2-3, got ${text}`, what);
}

function checkApart(generator: string | undefined, server: string | undefined, what: string): void {
  const others = parseCpuList(server ?? '');
  const shared = parseCpuList(generator ?? '').find((cpu) => others.includes(cpu));
  if (shared === undefined) return;
  const both = what === FLAG ? 'both' : 'a server, and --pin gives it to connstorm';
  throw refuse(`gives CPU ${shared} to ${both}: give each its own CPUs`, what);
}

/** Returns what pinning depends on here. It runs taskset, so call it only if there is something to pin. */
export function readPinningGround(hasLab: boolean): PinningGround {
  return { allowedCpus: readAllowedCpus(), hasTaskset: findTaskset(), hasLab };
}

/** Checks pins against this machine. Throws as checkPins does. */
export function checkPinsHere(pins: Pins, hasLab: boolean): void {
  if (Object.keys(pins).length > 0) checkPins(pins, readPinningGround(hasLab));
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
    throw refuse(`failed: ${(error as Error).message.trim()}`, FLAG, error);
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

const FLAG = '--pin';

function refuse(why: string, what = FLAG, cause?: unknown): UsageError {
  return new UsageError('PIN', `${what} ${why}`, { cause });
}
