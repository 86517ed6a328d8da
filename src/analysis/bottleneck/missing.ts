import type { Evidence } from './evidence.ts';
import type { FigureName } from './figures.ts';
import type { ProbeLog } from './probe-log.ts';
import { isDirect, isPooled, type Sign } from './signs.ts';

/** Evidence that may be missing: the figure that shows it is there, and the text for its absence. */
interface Wanted {
  figure: FigureName;
  /** The probe that would have measured it; undefined: none. */
  probe?: 'canary' | 'host' | 'pooler';
  text: string;
  where: Sign;
}

const WANTED: readonly Wanted[] = [
  {
    figure: 'postmasterOnCpuShare',
    probe: 'host',
    text: "the postmaster's own time on its host: run connstorm on the server's machine",
    where: isDirect,
  },
  {
    figure: 'canaryP90Us',
    probe: 'canary',
    text: 'the canary, which shows whether connected clients wait too',
    where: () => true,
  },
  {
    figure: 'spawnP50Us',
    text: 'spawn: without TLS and a password, connstorm sees the end of this phase only with sslmode=prefer',
    where: isDirect,
  },
  {
    figure: 'setupP50Us',
    text: "setup by the server's own clock: it needs PostgreSQL 18 and a role that may ask for it (GRANT SET ON PARAMETER log_connections)",
    where: isDirect,
  },
  {
    figure: 'poolerWaitingMedian',
    probe: 'pooler',
    text: "the pooler's statistics: log in as a user in stats_users, who may read its console",
    where: isPooled,
  },
  {
    figure: 'poolerCpuShare',
    text: "the CPU of the pooler's process",
    where: isPooled,
  },
];

/** Returns a line for each missing piece, with the probe's own reason if it gave one. */
export function listMissing(evidence: Evidence, probes: ProbeLog): string[] {
  const { loaded, isCalmAtBest, isCalmDisturbed = false } = evidence;
  const wanted = WANTED.filter(
    ({ figure, where }) => loaded[figure] === undefined && where(evidence),
  );
  const lines = wanted.map(({ text, probe }) => {
    const why = probe === undefined ? undefined : probes.whyOff(probe);
    return why === undefined ? text : `${text} (${why})`;
  });
  if (!isCalmAtBest) return lines;
  return [...lines, isCalmDisturbed ? DISTURBED_CALM : NO_CALM];
}

const DISTURBED_CALM =
  'a step at a low rate that nothing disturbed: others took the CPU in all of them. Search when nothing else needs the machine';
const NO_CALM = 'a low rate, to compare with: a saturation-search has one';
