import type { RunObserver } from './request.ts';

/** Tells people what is found before a run, each thing once. */
export interface Notes {
  tell(text: string): void;
  /** A text for each variant, or undefined: once where all say the same, else each with the variant's name before it. */
  tellEach(texts: readonly (readonly [variant: string, text: string | undefined])[]): void;
}

export function createNotes(observer: Pick<RunObserver, 'note'>): Notes {
  const told = new Set<string>();
  const tell = (text: string): void => {
    if (told.has(text)) return;
    told.add(text);
    observer.note(text);
  };
  return {
    tell,
    tellEach(texts) {
      const isCommon = new Set(texts.map(([, text]) => text)).size === 1;
      for (const [variant, text] of texts) {
        if (text !== undefined) tell(isCommon ? text : `${variant}: ${text}`);
      }
    },
  };
}
