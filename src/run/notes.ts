import type { NoteKind, RunObserver } from './request.ts';

/** A text for each variant, or undefined. */
type TextsByVariant = readonly (readonly [variant: string, text: string | undefined])[];

/** Tells people what is found before a run, each thing once. */
export interface Notes {
  tell(text: string): void;
  /** What they must not miss. */
  warn(text: string): void;
  /** Once where all variants say the same, else each with the variant's name before it. */
  tellEach(texts: TextsByVariant): void;
  warnEach(texts: TextsByVariant): void;
  /** Notes of one target out of several, with its role before what all its variants share. */
  of(role: string): Notes;
}

export function createNotes(observer: Pick<RunObserver, 'note'>): Notes {
  return createNotesOf('', observer, new Set());
}

/** `told`: every text so far. */
function createNotesOf(
  prefix: string,
  observer: Pick<RunObserver, 'note'>,
  told: Set<string>,
): Notes {
  const tell = (text: string, kind: NoteKind): void => {
    if (told.has(text)) return;
    told.add(text);
    observer.note(text, kind);
  };
  const tellEach = (texts: TextsByVariant, kind: NoteKind): void => {
    const isCommon = new Set(texts.map(([, text]) => text)).size === 1;
    for (const [variant, text] of texts) {
      if (text !== undefined) tell(`${isCommon ? prefix : `${variant}: `}${text}`, kind);
    }
  };
  return {
    tell: (text) => tell(prefix + text, 'progress'),
    warn: (text) => tell(prefix + text, 'warning'),
    tellEach: (texts) => tellEach(texts, 'progress'),
    warnEach: (texts) => tellEach(texts, 'warning'),
    of: (role) => createNotesOf(`${role}: `, observer, told),
  };
}
