import type { SslMode } from '../../../scenario/schema/sslmode.ts';

/** What asked for an sslmode; absent: the target itself, or nobody. The target's own is not followed beside it. */
export interface SslModeOrigin {
  sslmodeKey?: 'connection.sslmode';
}

/** An sslmode for people, by the name of what can change it. */
export function nameSslMode({ sslmodeKey }: SslModeOrigin, mode: SslMode): string {
  return `${sslmodeKey ?? 'sslmode'}=${mode}`;
}
