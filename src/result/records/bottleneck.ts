/** Records of the bottleneck verdict. */

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

/** The cause that gave out, and the evidence for it. */
export interface Bottleneck {
  cause: Cause;
  /**
   * `proven`: the part that gave out shows it itself: the host, the words of a refusal, a pooler's process or
   * connstorm's own samples. `inferred`: from the canary and from where latency grew.
   */
  confidence: 'proven' | 'inferred' | 'unknown';
  /** Figures of the load that was not sustained. Figures at low load stand in the text. */
  evidence: { text: string; value: number; unit: string }[];
  /** Evidence that speaks against the cause without refuting it; absent: none. */
  against?: { text: string; value: number; unit: string }[];
  /** Observations that would have allowed a surer verdict, and are missing; absent: none. */
  missing?: string[];
  /** Advice, a line each; absent: none is known. */
  advice?: string[];
}
