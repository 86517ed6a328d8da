import type { Side } from '../../analysis/comparison/obstacles.ts';
import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import type { Cost } from '../../result/records/summary-figures.ts';
import { formatCount, formatDuration } from '../text/format.ts';
import { describeEach, type Section } from '../text/section.ts';
import { fitName, wrapText } from '../text/text.ts';

/** Returns what a connect cost others, a line each; an empty list if no probe watched the target. */
export function describeCost(cost: Cost | undefined): string[] {
  if (cost === undefined) return [];
  const { serverCpuPerConnectUs: server, poolerCpuPerConnectUs: pooler, backendsMost } = cost;
  const postmaster = cost.postmasterCpuPerConnectUs;
  const parts = [
    ...describeServer(server, postmaster),
    ...(pooler === null ? [] : [`${formatDuration(pooler)} of the pooler's`]),
  ];
  const figures = [
    ...(parts.length === 0 ? [] : [`a connect cost ${parts.join(' and ')}`]),
    ...(backendsMost === null ? [] : [`at most ${formatCounted(backendsMost, 'backend')}`]),
  ];
  const line = figures.join('; ');
  const included = parts.length === 0 ? PROBES_INCLUDED : WORK_INCLUDED;
  return [...(line === '' ? [] : [`${line} (${included})`]), ...noteCost(cost)];
}

function describeServer(server: number | null, postmaster: number | null): string[] {
  if (server === null) {
    return postmaster === null ? [] : [`${formatDuration(postmaster)} of the postmaster's CPU`];
  }
  const part = postmaster === null ? '' : ` (${formatDuration(postmaster)} of it the postmaster's)`;
  return [`${formatDuration(server)} of the server's CPU${part}`];
}

const POSTMASTER_CPU =
  'postmaster CPU: the part of the server CPU that the postmaster itself took. It forks for each connect';
const WORK_INCLUDED = 'with their other work in that time and the queries of the probes';
const PROBES_INCLUDED = 'those of the probes included';

function noteCost({ notes = [] }: Cost): string[] {
  return notes.map(escapeControls);
}

/** Returns the costs of the sides in one table. */
export function renderCost(sides: readonly Side[], columns: number): Section {
  if (sides.every(({ summary }) => summary.cost === undefined)) return { lines: [] };
  // Older files have none.
  const hasOwn = sides.some(({ summary }) => summary.cost?.postmasterCpuPerConnectUs != null);
  const head = [
    'what a connect cost',
    'server CPU',
    ...(hasOwn ? ['postmaster CPU'] : []),
    'pooler CPU',
    'backends',
  ];
  const rows = sides.map(({ name, summary: { cost } }) => [
    fitName(escapeControls(name), columns),
    formatDuration(cost?.serverCpuPerConnectUs ?? null),
    ...(hasOwn ? [formatDuration(cost?.postmasterCpuPerConnectUs ?? null)] : []),
    formatDuration(cost?.poolerCpuPerConnectUs ?? null),
    cost?.backendsMost == null ? '-' : formatCount(cost.backendsMost),
  ]);
  const notes = [
    'server CPU, pooler CPU: the CPU time of all their processes, divided by the attempts started. It includes their other work in that time and the queries of the probes. backends: the highest number at one time, those of the probes included',
    ...(hasOwn ? [POSTMASTER_CPU] : []),
    ...describeEach(sides, ({ summary: { cost } }) => (cost ? noteCost(cost).join('; ') : '')),
  ];
  return { head, rows, notes: notes.flatMap((note) => wrapText(note, columns, 2)) };
}
