import { listBlankSecrets, maskGiven } from '../../secrets.ts';
import type { CommandIo } from '../command.ts';

/**
 * The same streams, on which no password is ever written: the one edge that everything for people passes, JSON too.
 * Each write must hold whole lines; what is broken into lines is masked before by the stream's `mask`. `given`: the arguments, which messages may quote.
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
