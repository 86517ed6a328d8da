import { ConnstormError } from '../errors.ts';
import { FIELD, type Kind } from '../options.ts';
import type { RunObserver } from './request.ts';

const METHODS = ['note', 'started', 'legStarted', 'interval', 'stepOpened', 'ended'] as const;

/** Of a plain object no other methods, or one that is misspelt would never be called. A class may have its own. */
export const OBSERVER: Kind = {
  expected: `an object of methods, each one of ${METHODS.join(', ')}`,
  fits: (value) => {
    if (!FIELD.data.fits(value)) return false;
    const given = value as Record<string, unknown>;
    const isPlain = given.constructor === undefined || given.constructor === Object;
    const isKnown = (name: string): boolean => METHODS.some((known) => known === name);
    if (isPlain) for (const name in given) if (!isKnown(name)) return false;
    return METHODS.every((name) => ['undefined', 'function'].includes(typeof given[name]));
  },
};

/** An observer that cannot disturb the run it is told of. */
export interface GuardedObserver {
  observer: RunObserver;
  /** The first error that it threw, or that a promise of it was rejected with; undefined: none so far. */
  readonly failure: ConnstormError | undefined;
}

/** Tells `given` what it wants to be told. Its errors are kept, and it is told on. */
export function guardObserver(given: Partial<RunObserver>): GuardedObserver {
  let failure: ConnstormError | undefined;
  const keep = (name: string, error: unknown): void => {
    failure ??= describeFailure(name, error);
  };
  const guard =
    <Name extends keyof RunObserver>(name: Name) =>
    (...told: Parameters<RunObserver[Name]>): void => {
      try {
        const act = given[name] as ((...told: unknown[]) => unknown) | undefined;
        // An observer may be asynchronous, whatever its type says.
        const acting: unknown = act?.apply(given, told);
        if (acting instanceof Promise) acting.catch((error: unknown) => keep(name, error));
      } catch (error) {
        keep(name, error);
      }
    };
  const observer: RunObserver = {
    note: guard('note'),
    started: guard('started'),
    legStarted: guard('legStarted'),
    interval: guard('interval'),
    stepOpened: guard('stepOpened'),
    ended: guard('ended'),
  };
  return {
    observer,
    get failure() {
      return failure;
    },
  };
}

function describeFailure(name: string, cause: unknown): ConnstormError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `the observer's ${name} failed: ${why}; the run ignored this and went on`;
  return new ConnstormError('internal', 'OBSERVER_FAILED', message, { cause });
}
