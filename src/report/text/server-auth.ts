import type { ServerFindings } from '../../result/records/header.ts';

/** How a server let us in, no surer than is known: `scram-sha-256 with channel binding`, `nothing asked (trust or cert)`. */
export function describeAuth({
  auth,
  authMayBe,
  channelBinding,
}: Pick<ServerFindings, 'auth' | 'authMayBe' | 'channelBinding'>): string | undefined {
  if (authMayBe !== undefined) return `nothing asked (trust or ${authMayBe})`;
  return channelBinding === true ? `${auth} with channel binding` : (auth ?? undefined);
}
