import { connect, type Socket } from 'node:net';
import type { Failure } from '../model/measures.ts';
import { type Endpoint, isUnixSocket } from './endpoint.ts';
import {
  closedByServer,
  describeFrameProblem,
  describeSocketError,
  readServerError,
  timedOut,
} from './failure.ts';
import { FrameReader } from './protocol/frames.ts';
import { ERROR_RESPONSE } from './protocol/message-types.ts';

/** When an exchange is over. */
export type Until =
  /** The kernel has connected. */
  | { kind: 'connected' }
  /** The server's first bytes are there. An ErrorResponse is a failure. */
  | { kind: 'answer' }
  /** The server has closed the connection. */
  | { kind: 'closed' }
  /** This time has passed since the connection was made. */
  | { kind: 'stay'; us: number };

export interface ExchangeOptions {
  endpoint: Endpoint;
  /** Written once connected; undefined: nothing is. */
  message: Buffer | undefined;
  until: Until;
  timeoutUs: number;
}

/**
 * Makes one connection without a login and without TLS: it connects, writes at most one message, waits, and closes.
 * Calls `end` exactly once, with a failure if there is one. Returns a function that breaks it off without a further
 * call.
 */
export function exchange(options: ExchangeOptions, end: (failure?: Failure) => void): () => void {
  const { endpoint, message, until, timeoutUs } = options;
  const { address, port } = endpoint;
  const socket: Socket = isUnixSocket(address)
    ? connect({ path: address })
    : connect({ host: address, port, autoSelectFamily: false });
  let isConnected = false;
  let isOver = false;
  const timers = [setTimeout(() => finish(timedOut(phase(), timeoutUs)), timeoutUs / 1000)];
  const leave = (): void => {
    isOver = true;
    for (const timer of timers) clearTimeout(timer);
    socket.destroy();
  };
  const finish = (failure?: Failure): void => {
    if (isOver) return;
    leave();
    end(failure);
  };
  const phase = (): Failure['phase'] => (isConnected ? 'spawn' : 'tcp');
  socket.setNoDelay(true);
  socket.on('connect', () => {
    isConnected = true;
    if (message !== undefined) socket.write(message);
    if (until.kind === 'connected') finish();
    if (until.kind === 'stay') timers.push(setTimeout(() => finish(), until.us / 1000));
  });
  socket.on('data', (bytes) => {
    const refusal = readRefusal(bytes);
    if (refusal !== undefined) finish(refusal);
    else if (until.kind === 'answer') finish();
  });
  socket.on('end', () => finish(until.kind === 'closed' ? undefined : closedByServer(phase())));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const { code, syscall, message: text } = error;
    const problem = {
      ...(code === undefined ? {} : { code }),
      ...(syscall === undefined ? {} : { syscall }),
      message: text,
    };
    finish(describeSocketError(problem, phase()));
  });
  return leave;
}

/** Returns the failure that an ErrorResponse reports; undefined for any other answer. */
function readRefusal(bytes: Buffer): Failure | undefined {
  if (bytes[0] !== ERROR_RESPONSE) return undefined;
  let failure: Failure | undefined;
  const problem = new FrameReader().read(bytes, bytes.length, {
    handleFrame: (_type, buffer, start, end) => {
      failure = readServerError(buffer, start, end, 'spawn');
      return false;
    },
    skipFrame: () => {},
  });
  return problem === undefined ? failure : describeFrameProblem(problem, 'spawn');
}
