import { serialize } from 'pg-protocol';
import { BEGIN_READ_ONLY, COMMIT, type Protocol, wrapReadOnly } from '../../scenario/statements.ts';

/** What the connections of a driver send once they are ready. */
export interface StatementsPlan {
  /** The texts, used in turn. At least one. */
  texts: readonly [string, ...string[]];
  protocol: Protocol;
  /** Whether each text is sent in a read-only transaction of its own, in one write. */
  isReadOnly: boolean;
}

/** The plan of a scenario without statements of its own. */
export const SELECT_ONE: StatementsPlan = {
  texts: ['SELECT 1'],
  protocol: 'simple',
  isReadOnly: false,
};

/** The text of CopyFail. The server repeats it in its error. */
export const NO_COPY_DATA = 'connstorm sends no data for COPY';

/** Returns what is written to send each text: one buffer, so that it is one write. */
export function encodeStatements({ texts, protocol, isReadOnly }: StatementsPlan): Buffer[] {
  return texts.map((text) => {
    if (protocol === 'simple') return serialize.query(isReadOnly ? wrapReadOnly(text) : text);
    return Buffer.concat([...listExtended(text, isReadOnly).map(encodeExecute), serialize.sync()]);
  });
}

/** Returns the texts that are sent for one text in the extended protocol, before one Sync. */
export function listExtended(text: string, isReadOnly: boolean): string[] {
  return isReadOnly ? [BEGIN_READ_ONLY, text, COMMIT] : [text];
}

/** Encodes an unnamed statement without parameters. Its results come as text. */
function encodeExecute(text: string): Buffer {
  return Buffer.concat([serialize.parse({ text }), serialize.bind(), serialize.execute()]);
}
