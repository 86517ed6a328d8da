import { invalid } from './invalid.ts';

/** libpq's parameters of TCP itself. Absent or 0: the system's default. */
export interface KeepaliveSpec {
  /** False for keepalives=0. */
  keepalives?: boolean;
  keepalivesIdleS?: number;
  keepalivesIntervalS?: number;
  keepalivesCount?: number;
  tcpUserTimeoutMs?: number;
}

/** The most seconds that Linux accepts for keepalives (TCP_KEEPIDLE, TCP_KEEPINTVL). */
const MAX_S = 32_767;
const MAX_INTEGER = 2_147_483_647;
/** Values that Node always sets beside TCP_KEEPIDLE: libuv, uv__tcp_keepalive. */
const NODE_INTERVAL_S = 1;
const NODE_COUNT = 10;

export function readKeepalives(value: string, source: string): KeepaliveSpec {
  return { keepalives: readInteger(value, source, -MAX_INTEGER, MAX_INTEGER) !== 0 };
}

export function readKeepalivesIdle(value: string, source: string): KeepaliveSpec {
  return { keepalivesIdleS: readInteger(value, source, 0, MAX_S) };
}

export function readKeepalivesInterval(value: string, source: string): KeepaliveSpec {
  return { keepalivesIntervalS: readInteger(value, source, 0, MAX_S) };
}

export function readKeepalivesCount(value: string, source: string): KeepaliveSpec {
  return { keepalivesCount: readInteger(value, source, 0, MAX_S) };
}

/** Reads tcp_user_timeout. As in libpq, less than 0 counts as 0. */
export function readTcpUserTimeout(value: string, source: string): KeepaliveSpec {
  const ms = readInteger(value, source, -MAX_INTEGER, MAX_INTEGER);
  return { tcpUserTimeoutMs: Math.max(0, ms) };
}

/**
 * Returns what holds for every attempt. `idleS`: the seconds of idleness after which TCP checks whether the other side
 * still exists; absent: no checks within a storm's time. `warnings`: a line for each setting that Node cannot make.
 */
export function settleKeepalives(spec: KeepaliveSpec): { idleS?: number; warnings: string[] } {
  const { keepalives = true, tcpUserTimeoutMs = 0 } = spec;
  const warnings = [
    ...(keepalives ? warnOfProbes(spec) : []),
    ...(tcpUserTimeoutMs === 0 ? [] : [describeUserTimeout(tcpUserTimeoutMs)]),
  ];
  const { keepalivesIdleS: idleS = 0 } = spec;
  return { ...(keepalives && idleS > 0 ? { idleS } : {}), warnings };
}

function warnOfProbes({
  keepalivesIdleS = 0,
  keepalivesIntervalS = 0,
  keepalivesCount = 0,
}: KeepaliveSpec): string[] {
  const asked = [
    ['keepalives_interval', keepalivesIntervalS, NODE_INTERVAL_S],
    ['keepalives_count', keepalivesCount, NODE_COUNT],
  ] as const;
  return asked
    .filter(([, value, own]) => value !== 0 && (keepalivesIdleS === 0 || value !== own))
    .map(([keyword, value]) => {
      const why =
        keepalivesIdleS === 0
          ? "Node leaves it at the system's default"
          : `Node asks ${NODE_COUNT} times, each ${NODE_INTERVAL_S} s after the last`;
      return `${keyword}=${value} is ignored: ${why}`;
    });
}

function describeUserTimeout(ms: number): string {
  return `tcp_user_timeout=${ms} is ignored: Node has no way to set it; connection.timeout limits every attempt and every query`;
}

function readInteger(value: string, source: string, least: number, most: number): number {
  const text = value.trim();
  const number = Number(text);
  if (/^[+-]?\d+$/.test(text) && number >= least && number <= most) return number;
  const range = least < 0 ? 'a whole number' : `a whole number from ${least} to ${most}`;
  throw invalid(`${source} must be ${range}, got "${value}"`);
}
