import { escapeControls } from '../../controls.ts';
import { liftHeader, nameVariant, type RunHeader } from '../../result/lift.ts';
import type { AnyHeader, HeaderRecord } from '../../result/records/header.ts';
import type { AnySummary } from '../../result/records/summary-records.ts';
import { formatBytes } from '../text/format.ts';

type Target = HeaderRecord['target'];

/** Origin of a result. It contains neither the name of the generator's host nor a password. */
export interface Origin {
  /** Wall-clock time of the run's start, ISO 8601. */
  startedAt: string;
  /** The version of connstorm that measured. `summary.connstorm` is the version that computed the summary. */
  connstorm: string;
  /** Label from the scenario or `--label`; absent: none. */
  label?: string;
  /** The machine that generated the load. */
  generator: Pick<
    HeaderRecord['environment'],
    'os' | 'arch' | 'cpuModel' | 'cpuCount' | 'memoryBytes' | 'node'
  >;
  /** One for each variant; for a run without variants one, without `variant`. */
  targets: OriginTarget[];
  /** Path of the result file; null: the records went to standard output. */
  path: string | null;
}

export interface OriginTarget
  extends Pick<
    Target,
    'role' | 'lab' | 'host' | 'address' | 'port' | 'database' | 'user' | 'sslmode'
  > {
  variant?: string;
  serverVersion: string | null;
}

/** Returns the origin of a result. `--json` adds it to the summary as `measured`. */
export function findOrigin(header: AnyHeader, path: string | null): Origin {
  return pickOrigin(liftHeader(header), path);
}

function pickOrigin(run: RunHeader, path: string | null): Origin {
  const { startedAt, connstorm, label, environment } = run;
  const { os, arch, cpuModel, cpuCount, memoryBytes, node } = environment;
  return {
    startedAt,
    connstorm,
    ...(label === undefined ? {} : { label }),
    generator: { os, arch, cpuModel, cpuCount, memoryBytes, node },
    targets: listTargets(run),
    path,
  };
}

function listTargets(run: RunHeader): OriginTarget[] {
  return run.variants.map(({ name, target }) => {
    const variant = nameVariant(run, name);
    return { ...(variant === undefined ? {} : { variant }), ...pickTarget(target) };
  });
}

function pickTarget(target: Target): OriginTarget {
  const { role, lab, host, address, port, database, user, sslmode, server } = target;
  const where = { role, lab, host, address, port, database, user, sslmode };
  return { ...where, serverVersion: server.version };
}

/** Returns the summary as `--json` prints it, with its origin. */
export function addOrigin(
  { header, summary }: { header: AnyHeader; summary: AnySummary },
  path: string | null,
): AnySummary & { measured: Origin } {
  return { ...summary, measured: findOrigin(header, path) };
}

/** Returns when the run was measured, by which version, on what machine, and as which database user: a line each. */
export function describeOrigin(run: RunHeader, summedBy: string): string[] {
  const { startedAt, connstorm, generator, targets } = pickOrigin(run, null);
  const { os, arch, cpuModel, cpuCount, memoryBytes, node } = generator;
  const cpus = `${cpuCount} ${cpuCount === 1 ? 'CPU' : 'CPUs'} (${cpuModel})`;
  const summed = summedBy === connstorm ? '' : `, summed up by connstorm ${summedBy}`;
  const logins = targets.map(({ user, database }) => `user ${user}, database ${database}`);
  return [
    `measured ${formatTime(startedAt)} by connstorm ${connstorm}${summed}`,
    `generated on ${os} ${arch}, ${cpus}, ${formatBytes(memoryBytes)} of memory, Node ${node}`,
    `logged in as ${[...new Set(logins)].join(' / ')}`,
  ].map(escapeControls);
}

/** Returns `2026-11-29 20:07:46 UTC` for an ISO time; any other text unchanged. */
function formatTime(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(iso);
  return match === null ? iso : `${match[1]} ${match[2]} UTC`;
}
