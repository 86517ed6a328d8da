import { MAX_MESSAGE_CHARACTERS, normaliseMessage } from './normalise.ts';

/** A kind of notice that servers and poolers sent during logins and first queries. */
export interface NoticeCount {
  /** WARNING, NOTICE, ...; null: not sent, or translated. */
  severity: string | null;
  /** SQLSTATE; `OTHER` counts notices beyond the kinds that are kept. */
  code: string;
  /** The first message of the kind as it came, cut to 200 characters. Text from outside. */
  message: string;
  count: number;
}

/** Kinds that are kept apart. A server whose notices always differ must not fill the memory. */
const MOST_KINDS = 30;

/** Counts notices by SQLSTATE, severity and message, apart from numbers and ids. */
export class NoticeTable {
  readonly #kinds = new Map<string, NoticeCount>();

  add(notice: NoticeCount): void {
    if (this.#raise(keyOf(notice), notice.count)) return;
    if (this.#kinds.size < MOST_KINDS) {
      const message = notice.message.slice(0, MAX_MESSAGE_CHARACTERS);
      this.#kinds.set(keyOf(notice), { ...notice, message });
    } else if (!this.#raise(OTHER.code, notice.count)) {
      this.#kinds.set(OTHER.code, { ...OTHER, count: notice.count });
    }
  }

  /** Returns the counts, the most frequent first. */
  list(): NoticeCount[] {
    return [...this.#kinds.values()].sort((a, b) => b.count - a.count);
  }

  /** Adds to the count of a known kind. Returns whether the kind was known. */
  #raise(key: string, count: number): boolean {
    const known = this.#kinds.get(key);
    if (known !== undefined) known.count += count;
    return known !== undefined;
  }
}

const OTHER = { severity: null, code: 'OTHER', message: 'further kinds of notices' };

function keyOf({ severity, code, message }: NoticeCount): string {
  if (code === OTHER.code) return OTHER.code;
  return `${severity}|${code}|${normaliseMessage(message.slice(0, MAX_MESSAGE_CHARACTERS))}`;
}
