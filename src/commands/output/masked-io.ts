import { listBlankSecrets, maskGiven } from '../../secrets.ts';
import type { CommandIo } from '../command.ts';

/**
 * Returns the same streams, with passwords masked. All output passes through them, JSON too. Each write must contain
 * whole lines. Text that is broken into lines must be masked first, with the stream's `mask`. `given`: the arguments,
 * which messages may quote.
 */
export function maskIo(io: CommandIo, given: readonly string[]): CommandIo {
  const secrets = listBlankSecrets([...given, ...Object.values(io.env).map(String)]);
  const mask = (text: string): string => maskGiven(text, secrets);
  return { ...io, stdout: maskStream(io.stdout, mask), stderr: maskStream(io.stderr, mask) };
}

function maskStream<Stream extends NodeJS.WritableStream>(
  stream: Stream,
  mask: (text: string) => string,
): Stream {
  const write = (chunk: Uint8Array | string, ...rest: never[]): boolean =>
    stream.write(typeof chunk === 'string' ? mask(chunk) : chunk, ...rest);
  return new Proxy(stream, {
    get(target, key) {
      if (key === 'write') return write;
      if (key === 'mask') return mask;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
