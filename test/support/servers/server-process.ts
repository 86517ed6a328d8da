import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Behaviour, Command, Counters, Report } from './known/behaviour.js';

export const MAIN = fileURLToPath(new URL('./known/main.js', import.meta.url));

type Question = Command extends infer C ? (C extends Command ? Omit<C, 'id'> : never) : never;

/** Asks a process of servers; resolves with the report of the same id. */
export type Ask = (question: Question) => Promise<Report>;

/** Rejects when the process ends first. */
export function createAsk(child: ChildProcess): Ask {
  const waiting = new Map<number, { resolve(report: Report): void; reject(reason: Error): void }>();
  let lastId = 0;
  child.on('message', (report: Report) => {
    waiting.get(report.id)?.resolve(report);
    waiting.delete(report.id);
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the known server has ended'));
    waiting.clear();
  });
  return (question) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      child.send({ ...question, id: lastId }, (error) => {
        if (error) reject(error);
      });
    });
}

/** What tests do with a server, whoever else lives in its process. */
export interface ServerHandle {
  port: number;
  /** User `storm`, database `storm`, with the behaviour's password. */
  url: string;
  counters(): Promise<Counters>;
  /** Ends all connections that have logged in with FATAL 57P01 at once; resolves with their number. */
  cutAll(): Promise<number>;
  /**
   * From now on refuses every new connection with 53300, or closes it without a word as a proxy does that is full; those that are
   * there stay.
   */
  fill(how?: 'refuse' | 'close'): Promise<void>;
  /** Changes what it does from now on, such as the parameters that it reports. */
  change(behaviour: Behaviour): Promise<void>;
}

export function createHandle(
  ask: Ask,
  server: number,
  port: number,
  behaviour: Behaviour,
): ServerHandle {
  const host = behaviour.socketFolder ?? '127.0.0.1';
  const password = encodeURIComponent(behaviour.password ?? 'secret');
  return {
    port,
    url: `postgresql://storm:${password}@${encodeURIComponent(host)}:${port}/storm`,
    counters: async () => {
      const report = await ask({ type: 'counters', server });
      if (report.type !== 'counters') throw new Error(`counters answered with ${report.type}`);
      return report.counters;
    },
    cutAll: async () => {
      const report = await ask({ type: 'cut', server });
      return report.type === 'cut' ? report.count : 0;
    },
    fill: async (how = 'refuse') => {
      await ask({ type: 'fill', server, how });
    },
    change: async (next) => {
      await ask({ type: 'change', server, behaviour: next });
    },
  };
}
