import type { ErrorCount } from '../result/records/intervals.ts';
import type { Failure } from './measures.ts';
import { MAX_MESSAGE_CHARACTERS, normaliseMessage } from './normalise.ts';

/** Kinds that are kept apart in one table. Further ones count as `OTHER` of their ledger, layer and phase. */
const MAX_KINDS = 100;

/** Counts failures by kind (ledger, layer, phase, code, normalised message), with the first of each as its sample. */
export class ErrorTable {
  readonly #kinds = new Map<string, ErrorCount>();

  addFailure(ledger: ErrorCount['ledger'], failure: Failure): void {
    const { layer, phase, code } = failure;
    const message = failure.message.slice(0, MAX_MESSAGE_CHARACTERS);
    this.add({
      ledger,
      layer,
      phase,
      code,
      message,
      normalised: normaliseMessage(message),
      count: 1,
    });
  }

  add(error: ErrorCount): void {
    if (this.#raise(error)) return;
    const kept = this.#kinds.size < MAX_KINDS ? error : asOther(error);
    if (!this.#raise(kept)) this.#kinds.set(keyOf(kept), { ...kept });
  }

  /** Returns the counts, the most frequent first. */
  list(): ErrorCount[] {
    return [...this.#kinds.values()].sort((a, b) => b.count - a.count);
  }

  /** Adds to the count of a known kind. Returns whether the kind was known. */
  #raise(error: ErrorCount): boolean {
    const known = this.#kinds.get(keyOf(error));
    if (known !== undefined) known.count += error.count;
    return known !== undefined;
  }
}

function keyOf({ ledger, layer, phase, code, normalised }: ErrorCount): string {
  return `${ledger}|${layer}|${phase}|${code}|${normalised}`;
}

function asOther(error: ErrorCount): ErrorCount {
  return { ...error, code: 'OTHER', normalised: 'further kinds of failures' };
}
