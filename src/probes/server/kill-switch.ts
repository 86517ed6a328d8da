import { formatDuration, formatSpan } from '../../duration-text.ts';
import type { WatchRecord } from '../../result/records/samples.ts';
import type { WatchLimits } from '../../scenario/schema/kill-switch-schema.ts';
import { DEAD_AFTER, Slowness } from './slowness.ts';

export interface KillSwitchOptions {
  limits: WatchLimits;
  /** Called when the canary or the witness counts as dead. Called again only after `onBack`. */
  onSlow: (reason: string) => void;
  /** Called after `onSlow`, once the canary and the witness both answer in time again. */
  onBack: () => void;
}

type Name = 'canary' | 'witness';

/**
 * Judges the canary and the witness: how long each took since the last account, and whether one was too slow too often.
 */
export class KillSwitch {
  readonly #options: KillSwitchOptions;
  readonly #slowness: Record<Name, Slowness>;
  /** Times of the canary's answers since the last `takeCanary`, in microseconds. */
  #answersUs: number[] = [];
  /** Waiting time of the question or connect under way, in microseconds; undefined: none is under way. */
  readonly #waits: Record<Name, number | undefined> = { canary: undefined, witness: undefined };
  #reason: string | undefined;

  constructor(options: KillSwitchOptions) {
    const { canaryUs, witnessUs } = options.limits;
    this.#options = options;
    this.#slowness = { canary: new Slowness(canaryUs), witness: new Slowness(witnessUs) };
  }

  /** Returns why the canary or the witness counts as dead; undefined if neither does. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /**
   * Takes the times of the answers since the last call, and how long the unanswered question has waited so far, all in
   * microseconds. `waitingUs` is undefined if no question is unanswered.
   */
  noteCanary(answersUs: readonly number[], waitingUs: number | undefined): void {
    this.#answersUs.push(...answersUs);
    for (const us of answersUs) this.#slowness.canary.noteEnd(us);
    this.#judge('canary', waitingUs);
  }

  /** Takes the time of a new connection until it was ready or failed, in microseconds. */
  noteWitness(tookUs: number): void {
    this.#slowness.witness.noteEnd(tookUs);
    this.#judge('witness', undefined);
  }

  /** Takes the time so far of the connection that is being opened, in microseconds; undefined: none is being opened. */
  noteWitnessWaits(waitingUs: number | undefined): void {
    this.#judge('witness', waitingUs);
  }

  /** Returns the canary's answers since the last call, and the wait of an unanswered question. */
  takeCanary(): WatchRecord['canary'] {
    const answersUs = this.#answersUs;
    this.#answersUs = [];
    const { canary: waitingUs } = this.#waits;
    const waiting = waitingUs === undefined ? {} : { waitingUs };
    const answered = answersUs.length;
    if (answered === 0) return { answered, meanUs: null, maxUs: null, ...waiting };
    const sumUs = answersUs.reduce((sum, value) => sum + value, 0);
    const maxUs = Math.max(...answersUs);
    return { answered, meanUs: Math.round(sumUs / answered), maxUs, ...waiting };
  }

  #judge(name: Name, waitingUs: number | undefined): void {
    const { onSlow, onBack } = this.#options;
    this.#waits[name] = waitingUs;
    const isSlow = this.#isDead('canary') || this.#isDead('witness');
    if (isSlow === (this.#reason !== undefined)) return;
    this.#reason = isSlow ? describe(name, this.#slowness[name], waitingUs) : undefined;
    if (this.#reason === undefined) onBack();
    else onSlow(this.#reason);
  }

  #isDead(name: Name): boolean {
    return this.#slowness[name].isDead(this.#waits[name]);
  }
}

/** Words for what was too slow: several waits in a row, one wait that has ended, and one that goes on. */
const WORDS = {
  canary: {
    several: 'the canary waited for answers',
    ended: 'the canary waited for an answer for',
    waiting: 'the canary has had no answer for',
  },
  witness: {
    several: 'new connections beside the storm took',
    ended: 'a new connection beside the storm took',
    waiting: 'a new connection beside the storm has not been ready for',
  },
} as const satisfies Record<Name, Record<'several' | 'ended' | 'waiting', string>>;

function describe(name: Name, slowness: Slowness, waitingUs: number | undefined): string {
  const { count, longestUs, totalUs, isWaiting } = slowness.row(waitingUs);
  const words = WORDS[name];
  const limit = formatSpan(slowness.limitUs);
  const longest = formatDuration(longestUs);
  const field = `(killSwitch.${name})`;
  if (count === 1) {
    const what = isWaiting ? words.waiting : words.ended;
    return `${what} ${longest}, at least ${DEAD_AFTER} times its limit of ${limit} ${field}`;
  }
  const row = `${words.several} longer than ${limit}, ${count} times in a row, up to ${longest}`;
  if (count >= DEAD_AFTER) return `${row} ${field}`;
  return `${row}: ${formatDuration(totalUs)} in all, at least ${DEAD_AFTER} times the limit ${field}`;
}
