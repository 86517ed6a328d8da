import { readField } from './message-fields.ts';

/** What the server is asked to tell of its own part in a connect; settled once, before the storm. */
export interface ServerTimesPlan {
  /** For the StartupMessage: they make the server send its setup notice. undefined: it is not asked. */
  options: string | undefined;
  /** Every so many arrivals the backend is asked for its age, after the scenario's queries. undefined: none is. */
  sampleEvery: number | undefined;
}

export const NO_SERVER_TIMES: ServerTimesPlan = { options: undefined, sampleEvery: undefined };

/** Integer microseconds of the server's clock, as its setup notice has them. */
export interface SetupTimes {
  /** From accept() to ready for query: the round trips of the login and the client's work in it included. */
  totalUs: number;
  /** From before fork() until the child runs. */
  forkUs: number;
  /** From the authentication request to its end. */
  authUs: number;
}

// PostgreSQL 18's `connection ready: setup total=%.3f ms, fork=%.3f ms, authentication=%.3f ms` (PostgresMain). The
// words are translated by lc_messages, three figures with three decimals are not.
const FIGURES = /^\D*(\d{1,8})\.(\d{3})\D+(\d{1,8})\.(\d{3})\D+(\d{1,8})\.(\d{3})\D*$/;
const ROUNDING_US = 2;

/** The times of a NoticeResponse's payload `buffer[start, end)`; undefined where it is another notice. */
export function readSetupNotice(
  buffer: Buffer,
  start: number,
  end: number,
): SetupTimes | undefined {
  // V is not translated, S is.
  if (readField(buffer, start, end, 'V') !== 'LOG') return undefined;
  if (readField(buffer, start, end, 'C') !== '00000') return undefined;
  return parseSetupMessage(readField(buffer, start, end, 'M'));
}

/** As readSetupNotice, of the message text of a LOG. */
export function parseSetupMessage(message: string): SetupTimes | undefined {
  const figures = FIGURES.exec(message);
  if (figures === null) return undefined;
  const us = (at: number): number => Number(figures[at]) * 1000 + Number(figures[at + 1]);
  const times = { totalUs: us(1), forkUs: us(3), authUs: us(5) };
  // Fork and authentication follow one another within the total.
  return times.forkUs + times.authUs <= times.totalUs + ROUNDING_US ? times : undefined;
}

/**
 * How long the backend that answers has been there, in microseconds of the server's clock: on every version, to every
 * role. The function costs the server most of a millisecond; the time is read after it, so that it does not count.
 */
export const AGE_QUERY =
  'SELECT (extract(epoch FROM clock_timestamp() - backend_start) * 1000000)::bigint AS age_us ' +
  'FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid())';

/** The age of a DataRow's payload: a count of columns, then of each a length and text; undefined where there is none. */
export function readAge(buffer: Buffer, start: number, end: number): number | undefined {
  if (end - start < 6) return undefined;
  const length = buffer.readInt32BE(start + 2);
  if (length < 1 || start + 6 + length > end) return undefined;
  return parseAge(buffer.toString('latin1', start + 6, start + 6 + length));
}

/** undefined for anything but whole microseconds below four months. */
export function parseAge(text: unknown): number | undefined {
  return typeof text === 'string' && /^\d{1,13}$/.test(text) ? Number(text) : undefined;
}

/** Whether the backend of an arrival is asked for its age: by index, so the same in every run. */
export function isSampled({ sampleEvery }: ServerTimesPlan, index: number): boolean {
  return sampleEvery !== undefined && index % sampleEvery === 0;
}
