import type { NoteKind, RunObserver } from './request.ts';

/** A text for each variant; undefined: none for this variant. */
type TextsByVariant = readonly (readonly [variant: string, text: string | undefined])[];

/** Notes to people about what is found before a run. Each text is noted once. */
export interface Notes {
  /** Notes a text. */
  note(text: string): void;
  /** Notes what people must not miss. */
  warn(text: string): void;
  /** Notes a text once if it is the same for all variants; otherwise each one with its variant's name in front. */
  noteEach(texts: TextsByVariant): void;
  warnEach(texts: TextsByVariant): void;
  /** Returns notes for one target of several. Its role stands before texts that all its variants share. */
  of(role: string): Notes;
}

export function createNotes(observer: Pick<RunObserver, 'note'>): Notes {
  return createNotesOf('', observer, new Set());
}

/** Creates notes that begin with `prefix`. `noted`: every text so far. */
function createNotesOf(
  prefix: string,
  observer: Pick<RunObserver, 'note'>,
  noted: Set<string>,
): Notes {
  const noteOnce = (text: string, kind: NoteKind): void => {
    if (noted.has(text)) return;
    noted.add(text);
    observer.note(text, kind);
  };
  const noteEach = (texts: TextsByVariant, kind: NoteKind): void => {
    const isCommon = new Set(texts.map(([, text]) => text)).size === 1;
    for (const [variant, text] of texts) {
      if (text !== undefined) noteOnce(`${isCommon ? prefix : `${variant}: `}${text}`, kind);
    }
  };
  return {
    note: (text) => noteOnce(prefix + text, 'progress'),
    warn: (text) => noteOnce(prefix + text, 'warning'),
    noteEach: (texts) => noteEach(texts, 'progress'),
    warnEach: (texts) => noteEach(texts, 'warning'),
    of: (role) => createNotesOf(`${role}: `, observer, noted),
  };
}
