/**
 * The moment at which a pooler takes a server connection back: after each transaction, or when its client disconnects.
 */
export const POOL_MODES = ['transaction', 'session'] as const;
export type PoolMode = (typeof POOL_MODES)[number];
