/** The verdict on what gives out. */

export const CAUSES = [
  'postmaster',
  'host-cpu',
  'connection-limit',
  'accept-queue',
  'auth',
  'tls',
  'pooler',
  'network',
  'generator',
  'none',
  'unknown',
] as const;
export type Cause = (typeof CAUSES)[number];

/** What gives out, and how one knows. */
export interface Bottleneck {
  cause: Cause;
  /**
   * `proven`: what gave out shows it itself: the host, a refusal's own words, a pooler's process, connstorm's own samples.
   * `inferred`: from the canary and from where latency grew.
   */
  confidence: 'proven' | 'inferred' | 'unknown';
  /** Of the load that was not sustained; what was measured in calm stands in the text. */
  evidence: { text: string; value: number; unit: string }[];
  /** What speaks against it without refuting it; absent: nothing. */
  against?: { text: string; value: number; unit: string }[];
  /** What would have had to be seen to say more; absent: nothing. */
  missing?: string[];
  /** What would help, a line each; absent: nothing is known. */
  advice?: string[];
}
