import { ConnstormError } from '../errors.ts';
import { FIELD, type Kind } from '../options.ts';
import type { RunObserver } from './request.ts';

const METHODS = [
  'note',
  'started',
  'legStarted',
  'interval',
  'stepOpened',
  'event',
  'ended',
] as const;

/**
 * The check of an observer. A plain object may have no other methods, because a misspelt one would never be called. A
 * class may have further methods.
 */
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

/** An observer whose errors cannot disturb the run. */
export interface GuardedObserver {
  observer: RunObserver;
  /**
   * The first error that a method threw, or that a promise of it was rejected with; undefined: there was none so far.
   */
  readonly failure: ConnstormError | undefined;
}

/**
 * Returns an observer that passes everything on to `given`. It keeps the first error, and still calls `given`
 * afterwards.
 */
export function guardObserver(given: Partial<RunObserver>): GuardedObserver {
  let failure: ConnstormError | undefined;
  const keep = (name: string, error: unknown): void => {
    failure ??= describeFailure(name, error);
  };
  const guard =
    <Name extends keyof RunObserver>(name: Name) =>
    (...args: Parameters<RunObserver[Name]>): void => {
      try {
        const act = given[name] as ((...args: unknown[]) => unknown) | undefined;
        // A method may be asynchronous, although its type says otherwise.
        const acting: unknown = act?.apply(given, args);
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
    event: guard('event'),
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
