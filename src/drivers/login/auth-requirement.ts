/** How a server may ask for proof of who we are, as libpq's require_auth calls it; `none` is not at all. */
export const AUTH_METHODS = ['password', 'md5', 'scram-sha-256', 'none'] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** libpq's require_auth, read. */
export interface AuthRequirement {
  /** As it was given, for messages. */
  text: string;
  /** What the server may ask for. */
  allowed: readonly AuthMethod[];
  /** Those of `allowed` that were called by their name, not only left over by a negation. */
  named: readonly AuthMethod[];
}

export function isAllowed(method: AuthMethod, requirement: AuthRequirement | undefined): boolean {
  return requirement === undefined || requirement.allowed.includes(method);
}

/** Stricter than libpq: a password readable on the wire is sent only where somebody asked for that by name. */
export function maySendCleartext(
  isEncrypted: boolean,
  requirement: AuthRequirement | undefined,
): boolean {
  return isEncrypted || requirement?.named.includes('password') === true;
}
