import type { Metric } from '../../model/measures.ts';
import type { Tally } from '../figures/tally.ts';
import { isTold } from '../validity/old-backends.ts';
import type { FigureName, Figures } from './figures.ts';

/** Metrics whose histograms a tally must keep for these figures. */
export const PHASE_METRICS = [
  'tcp',
  'spawn',
  'tls',
  'auth',
  'ready',
  'query',
  'serverSetup',
  'serverAuth',
  'queueWait',
] as const satisfies Metric[];

const MEDIANS: [FigureName, (typeof PHASE_METRICS)[number]][] = [
  ['tcpP50Us', 'tcp'],
  ['spawnP50Us', 'spawn'],
  ['tlsP50Us', 'tls'],
  ['authP50Us', 'auth'],
  ['readyP50Us', 'ready'],
  ['queryP50Us', 'query'],
  ['setupP50Us', 'serverSetup'],
  ['serverAuthP50Us', 'serverAuth'],
  ['queueWaitP50Us', 'queueWait'],
];

const TYPICAL = { middle: 0.5, high: 0.99 };
/** The quickest connects of a run, which nothing held up. */
const AT_BEST = { middle: 0.05, high: 0.05 };

/** Returns the phases of the ok attempts. */
export function readPhases(tally: Tally): Figures {
  return readAt(tally, TYPICAL);
}

/** Returns the phases of the quickest ok attempts. They are compared with if nothing was measured at low load. */
export function readBestPhases(tally: Tally): Figures {
  return readAt(tally, AT_BEST);
}

function readAt(tally: Tally, { middle, high }: typeof TYPICAL): Figures {
  const figures: Figures = {};
  for (const [name, metric] of MEDIANS) {
    if (!isTold(metric, tally)) continue;
    const us = tally.histogram(metric).quantile(middle);
    if (us !== null) figures[name] = us;
  }
  const tcpUs = tally.histogram('tcp').quantile(high);
  if (tcpUs !== null) figures.tcpP99Us = tcpUs;
  const { tlsP50Us, authP50Us, readyP50Us } = figures;
  // Logins without authentication or TLS lack those phases, but all have `ready`.
  if (readyP50Us !== undefined) {
    figures.backendP50Us = (tlsP50Us ?? 0) + (authP50Us ?? 0) + readyP50Us;
  }
  return figures;
}
