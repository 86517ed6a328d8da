import type { Failure, FailurePhase } from '../../model/measures.ts';
import { announcesEnd, boundText, describeServerError, toSqlState } from '../failure.ts';
import { readField, readSeverity, type Severity } from './message-fields.ts';

/**
 * A message of a server or pooler beside its answers, such as a warning, or that a client has to wait. The text is
 * foreign, and of bounded length.
 */
export interface Notice {
  phase: FailurePhase;
  /** undefined: it is missing or translated. */
  severity: Severity | undefined;
  /** The SQLSTATE. */
  code: string;
  message: string;
}

/** The most notices that are kept of one connection: a server could send them without end. */
export const MOST_NOTICES = 8;

/** Reads a NoticeResponse's payload. The texts may be of any length. */
export function readNotice(buffer: Buffer, start: number, end: number): Omit<Notice, 'phase'> {
  const code = readField(buffer, start, end, 'C');
  const message = readField(buffer, start, end, 'M', 'utf8');
  return { code, message, severity: readSeverity(buffer, start, end) };
}

/**
 * Returns a notice with its message cut. PostgreSQL sends a SQLSTATE with every notice; without one, the code is 00000.
 */
export function createNotice({ code, message, ...rest }: Notice): Notice {
  return { ...rest, code: toSqlState(code, '00000'), message: boundText(message) };
}

/** Returns the failure that a notice announces by saying that the server breaks off the connection; else undefined. */
export function describeAnnouncedEnd(
  { code, message, severity }: Omit<Notice, 'phase'>,
  phase: FailurePhase,
): Failure | undefined {
  if (!announcesEnd(code, severity)) return undefined;
  return describeServerError(code, message, phase, severity);
}
