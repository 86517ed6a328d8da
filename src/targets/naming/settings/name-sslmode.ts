import type { SslMode } from '../../../scenario/schema/sslmode.ts';

/**
 * The origin of an sslmode. With a key, the scenario asked for it, and the target's own sslmode is ignored. Absent: the
 * target's own, or the default.
 */
export interface SslModeOrigin {
  sslmodeKey?: 'connection.sslmode';
}

/** Describes an sslmode for people, by the name of the setting that can change it. */
export function nameSslMode({ sslmodeKey }: SslModeOrigin, mode: SslMode): string {
  return `${sslmodeKey ?? 'sslmode'}=${mode}`;
}
