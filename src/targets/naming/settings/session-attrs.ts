/** libpq's target_session_attrs. */
export const SESSION_ATTRS = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;
export type SessionAttrs = (typeof SESSION_ATTRS)[number];

/** What a session of the target is; null where the server does not tell. */
export interface SessionState {
  readOnly: boolean | null;
  standby: boolean | null;
}

/**
 * What a login was told by itself, as PostgreSQL 14 and later do. As in libpq, a session is read-only where its
 * transactions are by default or the server is a standby, and that is known only where both are.
 */
export function readReportedState(parameters: Record<string, string>): SessionState {
  const standby = readSwitch(parameters.in_hot_standby);
  const byDefault = readSwitch(parameters.default_transaction_read_only);
  const readOnly = standby === null || byDefault === null ? null : standby || byDefault;
  return { readOnly, standby };
}

/** `on` or `off`; null for what is neither. */
export function readSwitch(value: string | undefined): boolean | null {
  if (value === 'on') return true;
  return value === 'off' ? false : null;
}

/** What the server must still be asked for, where a login was not told. */
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

/** Why the session is not as wanted, or undefined where it is; of `prefer-standby`, its first choice. */
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
