import type { Failure, FailurePhase } from '../../model/measures.ts';
import { announcesEnd, boundText, describeServerError, toSqlState } from '../failure.ts';
import { readField, readSeverity, type Severity } from './message-fields.ts';

/** What a server or pooler says beside its answers: a warning, or that a client has to wait. Foreign text, of bounded length. */
export interface Notice {
  phase: FailurePhase;
  /** undefined: it is missing, or translated. */
  severity: Severity | undefined;
  /** SQLSTATE. */
  code: string;
  message: string;
}

/** Of one connection: who sends notices without end is not listened to for ever. */
export const MOST_NOTICES = 8;

/** From a NoticeResponse's payload, of any length. */
export function readNotice(buffer: Buffer, start: number, end: number): Omit<Notice, 'phase'> {
  const code = readField(buffer, start, end, 'C');
  const message = readField(buffer, start, end, 'M', 'utf8');
  return { code, message, severity: readSeverity(buffer, start, end) };
}

/** Of what was said, cut to what is kept; PostgreSQL sends a SQLSTATE with all of it, some poolers send none. */
export function createNotice({ code, message, ...rest }: Notice): Notice {
  return { ...rest, code: toSqlState(code, '00000'), message: boundText(message) };
}

/** The failure that a server announces, where it says that it breaks the connection off; undefined for any other notice. */
export function describeAnnouncedEnd(
  { code, message, severity }: Omit<Notice, 'phase'>,
  phase: FailurePhase,
): Failure | undefined {
  if (!announcesEnd(code, severity)) return undefined;
  return describeServerError(code, message, phase, severity);
}
