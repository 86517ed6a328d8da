/** The values of libpq's target_session_attrs. */
export const SESSION_ATTRS = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;
export type SessionAttrs = (typeof SESSION_ATTRS)[number];

/** The state of a session of the target; null for what the server does not report. */
export interface SessionState {
  readOnly: boolean | null;
  standby: boolean | null;
}

/**
 * Returns the state that the server reports at login, as PostgreSQL 14 and later do. As in libpq, a session is
 * read-only if its transactions are so by default, or if the server is a standby. It is null unless both are known.
 */
export function readReportedState(parameters: Record<string, string>): SessionState {
  const standby = readSwitch(parameters.in_hot_standby);
  const byDefault = readSwitch(parameters.default_transaction_read_only);
  const readOnly = standby === null || byDefault === null ? null : standby || byDefault;
  return { readOnly, standby };
}

/** Reads `on` or `off` of a setting, or `t` or `f` of a boolean; null for anything else. */
export function readSwitch(value: string | undefined): boolean | null {
  if (value === 'on' || value === 't') return true;
  return value === 'off' || value === 'f' ? false : null;
}

/** Returns what the server must still be asked for, because it did not report it at login; undefined: nothing. */
export function findUnknown(
  state: SessionState,
  wanted: SessionAttrs,
): keyof SessionState | undefined {
  const needed = NEEDS[wanted];
  return needed !== undefined && state[needed] === null ? needed : undefined;
}

const NEEDS: Record<SessionAttrs, keyof SessionState | undefined> = {
  any: undefined,
  'read-write': 'readOnly',
  'read-only': 'readOnly',
  primary: 'standby',
  standby: 'standby',
  'prefer-standby': 'standby',
};

/** Returns why the session is not as wanted; undefined if it is. For `prefer-standby` a standby is wanted. */
export function judgeSession(state: SessionState, wanted: SessionAttrs): string | undefined {
  const needed = NEEDS[wanted];
  if (needed === undefined) return undefined;
  const [isSo, isNot] = WORDS[needed];
  const found = state[needed];
  if (found === null) return `does not report whether it ${isSo}`;
  const isWanted = wanted === 'read-write' || wanted === 'primary' ? !found : found;
  return isWanted ? undefined : found ? isSo : isNot;
}

const WORDS: Record<keyof SessionState, [isSo: string, isNot: string]> = {
  readOnly: ['is read-only', 'is not read-only'],
  standby: ['is a standby', 'is not a standby'],
};
