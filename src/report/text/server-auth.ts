import type { ServerFindings } from '../../result/records/target.ts';

/**
 * Returns how a server admitted connstorm, as far as is known: `scram-sha-256 with channel binding`, `nothing asked
 * (trust or cert)`.
 */
export function describeAuth({
  auth,
  authMayBe,
  channelBinding,
}: Pick<ServerFindings, 'auth' | 'authMayBe' | 'channelBinding'>): string | undefined {
  if (authMayBe !== undefined) return `nothing asked (trust or ${authMayBe})`;
  return channelBinding === true ? `${auth} with channel binding` : (auth ?? undefined);
}
