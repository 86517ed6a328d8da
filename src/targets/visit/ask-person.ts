import { createInterface } from 'node:readline';
import type { TextStream } from '../../wrap-text.ts';

/** The terminal that a person sits at. */
export interface Terminal {
  stdin: NodeJS.ReadableStream;
  stderr: NodeJS.WritableStream & TextStream;
  /** Ends the waiting; absent: nothing does. */
  stop?: AbortSignal;
}

/**
 * Writes a question and resolves with the line that a person types; undefined at the end of the input, or once stopped.
 * Without a typed line the question's line is ended here, so that the next message begins a line of its own. Ctrl-C
 * still reaches the process, because the terminal is not in raw mode.
 */
export async function askPerson(
  question: string,
  { stdin, stderr, stop }: Terminal,
): Promise<string | undefined> {
  stderr.write(question);
  const reader = createInterface({ input: stdin, terminal: false });
  const close = (): void => reader.close();
  stop?.addEventListener('abort', close);
  return new Promise((resolve) => {
    let answer: string | undefined;
    reader.once('line', (line) => {
      answer = line;
      reader.close();
    });
    reader.once('close', () => {
      stop?.removeEventListener('abort', close);
      if (answer === undefined) stderr.write('\n');
      resolve(answer);
    });
    if (stop?.aborted === true) reader.close();
  });
}
