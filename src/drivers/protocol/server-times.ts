import { readField, readFirstValue } from './message-fields.ts';

/** The ways in which the server is asked to report its own part in a connect. Settled once, before the storm. */
export interface ServerTimesPlan {
  /** Options for the StartupMessage that make the server send its setup notice. undefined: it is not asked for one. */
  options: string | undefined;
  /**
   * The backend of every so many arrivals is asked for its age, after the scenario's queries. undefined: none is asked.
   */
  sampleEvery: number | undefined;
}

export const NO_SERVER_TIMES: ServerTimesPlan = { options: undefined, sampleEvery: undefined };

/** Times from the server's setup notice, in integer microseconds of the server's clock. */
export interface SetupTimes {
  /** From accept() until ready for query. Includes the login's round trips and the client's work in it. */
  totalUs: number;
  /** From before fork() until the child runs. */
  forkUs: number;
  /** From the authentication request until authentication is done. */
  authUs: number;
}

// PostgreSQL 18's `connection ready: setup total=%.3f ms, fork=%.3f ms, authentication=%.3f ms` (PostgresMain).
// lc_messages translates the words. It does not change the three figures, which have three decimals each.
const FIGURES = /^\D*(\d{1,8})\.(\d{3})\D+(\d{1,8})\.(\d{3})\D+(\d{1,8})\.(\d{3})\D*$/;
const ROUNDING_US = 2;

/** Returns the times in a NoticeResponse's payload `buffer[start, end)`; undefined if it is another notice. */
export function readSetupNotice(
  buffer: Buffer,
  start: number,
  end: number,
): SetupTimes | undefined {
  // Field V is not translated, field S is.
  if (readField(buffer, start, end, 'V') !== 'LOG') return undefined;
  if (readField(buffer, start, end, 'C') !== '00000') return undefined;
  return parseSetupMessage(readField(buffer, start, end, 'M'));
}

/** Returns the times in the message text of a LOG; undefined if it is another message. */
export function parseSetupMessage(message: string): SetupTimes | undefined {
  const figures = FIGURES.exec(message);
  if (figures === null) return undefined;
  const us = (at: number): number => Number(figures[at]) * 1000 + Number(figures[at + 1]);
  const times = { totalUs: us(1), forkUs: us(3), authUs: us(5) };
  // Fork and authentication do not overlap, and both lie within the total.
  return times.forkUs + times.authUs <= times.totalUs + ROUNDING_US ? times : undefined;
}

/**
 * A query for the time that the backend that answers has existed, in microseconds of the server's clock. It works on
 * every version and for every database user. The function costs the server most of a millisecond. The clock is read
 * after the function, so that this cost does not count.
 */
export const AGE_QUERY =
  'SELECT (extract(epoch FROM clock_timestamp() - backend_start) * 1000000)::bigint AS age_us ' +
  'FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid())';

/** Returns the age in a DataRow's payload; undefined: no age. */
export function readAge(buffer: Buffer, start: number, end: number): number | undefined {
  return parseAge(readFirstValue(buffer, start, end));
}

/** Returns the age in microseconds; undefined for anything but a whole number below four months. */
export function parseAge(text: unknown): number | undefined {
  return typeof text === 'string' && /^\d{1,13}$/.test(text) ? Number(text) : undefined;
}

/**
 * Returns whether the backend of an arrival is asked for its age. The index decides, so it is the same in every run.
 */
export function isSampled({ sampleEvery }: ServerTimesPlan, index: number): boolean {
  return sampleEvery !== undefined && index % sampleEvery === 0;
}
