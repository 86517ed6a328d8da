/** When a pooler takes a server connection back from its client: after each transaction, or when the client goes. */
export const POOL_MODES = ['transaction', 'session'] as const;
export type PoolMode = (typeof POOL_MODES)[number];
