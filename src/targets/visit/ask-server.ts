import type pg from 'pg';
import { readMonotonicUs } from '../../clock.ts';
import { liftLimits } from '../../drivers/protocol/time-limits.ts';
import { createSideClient, findBreak, giveUp } from '../../drivers/side-client.ts';
import { describeFailure } from '../../failure-text.ts';
import { isSlotRefusal } from '../../model/slot-refusals.ts';
import type { Target } from '../target.ts';

/**
 * The part of a login's findings that another connection to the same server needs. `tls`: e.g. `TLSv1.3 ...`; null
 * without TLS.
 */
export interface KnownLogin {
  tls: string | null;
}

/**
 * Called with the reason why a question has no answer. Not called if this role may not ask, or if the server does not
 * know the answer.
 */
export type OnUnanswered = (reason: string, error: unknown) => void;

/**
 * Connects with the pg library, and resolves with what `ask` resolves with. `sinceUs`: when it began to connect, by the
 * monotonic clock. Resolves with undefined if connecting or `ask` fails, and calls `onFailed` with the reason.
 */
export async function askServer<T>(
  target: Target,
  login: KnownLogin,
  timeoutUs: number,
  ask: (client: pg.Client, sinceUs: number) => Promise<T>,
  onFailed?: OnUnanswered,
): Promise<T | undefined> {
  const { client, end } = createSideClient(target, login.tls !== null, timeoutUs);
  const sinceUs = readMonotonicUs();
  try {
    await client.connect();
    return await ask(client, sinceUs);
  } catch (error) {
    const first = findBreak(client) ?? error;
    onFailed?.(describeTrouble(first), first);
    return undefined;
  } finally {
    await end();
  }
}

/**
 * Returns the rows of a question; none if it fails, so that the inspection goes on. `onUnanswered` is called unless the
 * failure is itself an answer.
 */
export async function query<Row extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
  onUnanswered?: OnUnanswered,
): Promise<Row[]> {
  try {
    return await ask<Row>(client, text);
  } catch (error) {
    if (findBreak(client) !== undefined || !isNo(error))
      onUnanswered?.(describeTrouble(error), error);
    return [];
  }
}

/**
 * Returns the rows of a question. The time limits of the role and the server are lifted for it. If the server does not
 * accept that, the question is asked without lifting them. Rejects with the server's error.
 */
export async function ask<Row extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
): Promise<Row[]> {
  try {
    return await readRows<Row>(client, liftLimits(text));
  } catch (error) {
    if (findBreak(client) !== undefined || !isNo(error)) throw error;
    return await readRows<Row>(client, text);
  }
}

/** The library's text for a timeout (pg/lib/client.js), and the text for people. */
const TIMED_OUT = 'Query read timeout';
const NO_ANSWER = 'no answer in time';

/**
 * Runs a question and returns its rows. For several statements in one query the library returns several results: the
 * last is the question's.
 */
async function readRows<Row extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
): Promise<Row[]> {
  const broken = findBreak(client);
  if (broken !== undefined) throw broken;
  const results: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client
    .query<Row>(text)
    .catch((error: Error) => {
      if (error.message === TIMED_OUT) giveUp(client, new Error(NO_ANSWER, { cause: error }));
      throw findBreak(client) ?? error;
    });
  const result = Array.isArray(results) ? results.at(-1) : results;
  return result?.rows ?? [];
}

/**
 * SQLSTATEs of trouble that keeps a server from answering: a broken connection, no resources, a time limit, an
 * operator, its system.
 */
const TROUBLE = /^(08(?!P01)|25P0[34]|53|55P03|57|58)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Returns whether an error is an answer: this role may not ask, or the server does not know. PgBouncer's console
 * answers 08P01 to every question.
 */
function isNo(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && SQLSTATE.test(code) && !TROUBLE.test(code);
}

/**
 * Returns whether a server or a pooler refused with an error message. A refusal for lack of slots does not count,
 * because another client may free a slot.
 */
export function isRefusal(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || !SQLSTATE.test(code)) return false;
  return !isSlotRefusal({ layer: 'server', phase: 'ready', code, message: String(message) });
}

/** Returns what kept a question from being answered, with its SQLSTATE if it has one. */
export function describeTrouble(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  return typeof code === 'string' ? describeFailure({ code, message: text }) : text;
}
