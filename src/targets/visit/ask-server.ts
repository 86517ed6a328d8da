import type pg from 'pg';
import { readMonotonicUs } from '../../clock.ts';
import { liftLimits } from '../../drivers/protocol/time-limits.ts';
import { createSideClient, findBreak, giveUp } from '../../drivers/side-client.ts';
import { tellFailure } from '../../failure-text.ts';
import { isSlotRefusal } from '../../model/slot-refusals.ts';
import type { Target } from '../target.ts';

/** What a login showed and another connection to the same server needs: e.g. `TLSv1.3 ...`; null without TLS. */
export interface KnownLogin {
  tls: string | null;
}

/** Told why a question has no answer, where the server would have one: not where this role may not ask, or it does not know. */
export type OnUnanswered = (reason: string, error: unknown) => void;

/**
 * What `ask` resolves with, over one connection of the pg library that began to connect at `sinceUs` of the monotonic clock;
 * undefined where that or `ask` fails, and then `onFailed` is told why.
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
    onFailed?.(describe(first), first);
    return undefined;
  } finally {
    await end();
  }
}

/** No rows where the question fails: the target is inspected as far as it goes. `onUnanswered`: told why, where that is no answer. */
export async function query<Row extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
  onUnanswered?: OnUnanswered,
): Promise<Row[]> {
  try {
    return await ask<Row>(client, text);
  } catch (error) {
    if (findBreak(client) !== undefined || !isNo(error)) onUnanswered?.(describe(error), error);
    return [];
  }
}

/**
 * Rows of a question that no limit on time of the role or the server holds for; where the server does not take that, it is
 * asked as it is. Rejects with what the server says to it.
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

/** The library's words (pg/lib/client.js), and what people are told. */
const TIMED_OUT = 'Query read timeout';
const NO_ANSWER = 'no answer in time';

/** Of several statements in one query the library gives several results: the last is the question's. */
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

/** What keeps a server from answering: a broken connection, no resources, a limit on time, an operator, its system. */
const TROUBLE = /^(08(?!P01)|25P0[34]|53|55P03|57|58)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** An answer all the same: it may not be asked, or is not known. PgBouncer's console says 08P01 to every question. */
function isNo(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && SQLSTATE.test(code) && !TROUBLE.test(code);
}

/** Whether a server or a pooler refused in words, and not for want of slots, which somebody else may free. */
export function isRefusal(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || !SQLSTATE.test(code)) return false;
  return !isSlotRefusal({ layer: 'server', phase: 'ready', code, message: String(message) });
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  return typeof code === 'string' ? tellFailure({ code, message: text }) : text;
}
