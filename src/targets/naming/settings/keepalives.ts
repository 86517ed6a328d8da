import { invalid } from './invalid.ts';

/** libpq's parameters of TCP itself; what is absent, or 0, is the system's default. */
export interface KeepaliveSpec {
  /** keepalives=0 is false. */
  keepalives?: boolean;
  keepalivesIdleS?: number;
  keepalivesIntervalS?: number;
  keepalivesCount?: number;
  tcpUserTimeoutMs?: number;
}

/** The most that Linux takes for the times of keepalives (TCP_KEEPIDLE, TCP_KEEPINTVL). */
const MAX_S = 32_767;
const MAX_INTEGER = 2_147_483_647;
/** What Node sets beside TCP_KEEPIDLE, and nobody can change: libuv, uv__tcp_keepalive. */
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

/** As in libpq, less than 0 is 0. */
export function readTcpUserTimeout(value: string, source: string): KeepaliveSpec {
  const ms = readInteger(value, source, -MAX_INTEGER, MAX_INTEGER);
  return { tcpUserTimeoutMs: Math.max(0, ms) };
}

/**
 * What of them holds for every attempt: after how many idle seconds TCP asks whether the other side is still there;
 * undefined: not within a storm's time. A line for each that Node has no way to set.
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
