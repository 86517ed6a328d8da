/** Methods by which a server may authenticate us, in the words of libpq's require_auth. `none`: it asks for nothing. */
export const AUTH_METHODS = ['password', 'md5', 'scram-sha-256', 'none'] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** The parsed value of libpq's require_auth. */
export interface AuthRequirement {
  /** The value as given, for messages. */
  text: string;
  /** The methods that the server may use. */
  allowed: readonly AuthMethod[];
  /** The methods of `allowed` that the value names, in contrast to those that a negation leaves over. */
  named: readonly AuthMethod[];
}

export function isAllowed(method: AuthMethod, requirement: AuthRequirement | undefined): boolean {
  return requirement === undefined || requirement.allowed.includes(method);
}

/** Returns whether a cleartext password may be sent: with TLS, or if require_auth names `password` (libpq is laxer). */
export function maySendCleartext(
  isEncrypted: boolean,
  requirement: AuthRequirement | undefined,
): boolean {
  return isEncrypted || requirement?.named.includes('password') === true;
}
