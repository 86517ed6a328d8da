import { readDurationSetting, readSizeSetting } from './setting-values.ts';

/** Something of the server that makes every connect more expensive, or uses what connects need. */
export interface ConnectCost {
  /** Name of a setting, or of something else. */
  name: string;
  value: string;
  /** One line for people. */
  why: string;
  /**
   * Set for a cost of the server behind a pooler: it slows the pooler's own connects, not a client's. Absent: a cost of
   * the target itself.
   */
  behindPooler?: true;
}

export interface ConnectCosts {
  costs: ConnectCost[];
  /** Names of settings that were checked and cost nothing. */
  cheap: string[];
  /** Names of settings that this role may not see, or that this server does not have. */
  unseen: string[];
}

type Settings = Record<string, string>;

/** Judges a setting's value: returns why it costs something, or undefined. */
type Judge = (value: string, settings: Settings) => string | undefined;

const MINUTE_S = 60;
const SHORT_S = 10;
const GIB = 2 ** 30;

const JUDGES: Record<string, Judge> = {
  log_connections: unless(['off', ''], 'each connect writes to the server log before it is ready'),
  log_disconnections: unless(['off'], 'each close writes to the server log'),
  log_hostname: unless(
    ['off'],
    'each connect waits for a reverse DNS lookup of the client; it shows in spawn',
  ),
  pre_auth_delay: unless(['0'], 'each backend sleeps for this time before it authenticates'),
  authentication_timeout: (value) => {
    const seconds = readDurationSetting(value) ?? MINUTE_S;
    if (seconds > MINUTE_S)
      return 'a client that connects and sends nothing keeps a backend for this time';
    if (seconds < SHORT_S)
      return 'the server cuts off logins that a storm delays for longer than this';
    return undefined;
  },
  shared_preload_libraries: unless(
    [''],
    'their hooks run in every backend, and a hook may delay each login (that of auth_delay does)',
  ),
  session_preload_libraries: unless([''], 'each connect loads them before it is ready'),
  local_preload_libraries: unless([''], 'each connect loads them before it is ready'),
  huge_pages: (_, settings) => judgeHugePages(settings),
};

function unless(cheap: readonly string[], why: string): Judge {
  return (value) => (cheap.includes(value) ? undefined : why);
}

/**
 * Judges huge_pages. Before version 17 the server does not report its status, and `try` may have worked: only `off` is
 * known not to use them.
 */
function judgeHugePages(settings: Settings): string | undefined {
  const { huge_pages, huge_pages_status, shared_buffers } = settings;
  if ((huge_pages_status ?? huge_pages) !== 'off') return undefined;
  // With small shared buffers a backend has little to map.
  if ((readSizeSetting(shared_buffers ?? '') ?? 0) < GIB) return undefined;
  return `not in use: each backend maps shared_buffers (${shared_buffers}) in small pages`;
}

/**
 * Lists what makes connects to the target more expensive. `settings`: as `SHOW` prints them. `tls`: what a login found.
 * `loginTriggers`: their names (PostgreSQL 17+), null if unknown. `isPooled`: a pooler is in between; then TLS is that
 * of the pooler, and the rest that of the server behind it.
 */
export function listConnectCosts({
  settings,
  tls,
  loginTriggers,
  isPooled,
}: {
  settings: Settings;
  tls: string | null;
  loginTriggers: readonly string[] | null;
  isPooled: boolean;
}): ConnectCosts {
  const { costs, ...looked } = judgeServer(settings, loginTriggers);
  const marked = isPooled ? costs.map((cost) => ({ ...cost, behindPooler: true as const })) : costs;
  return { costs: [...marked, ...(tls === null ? [] : [describeTls(tls, isPooled)])], ...looked };
}

function judgeServer(settings: Settings, loginTriggers: readonly string[] | null): ConnectCosts {
  const found: ConnectCosts = { costs: [], cheap: [], unseen: [] };
  for (const [name, judge] of Object.entries(JUDGES)) {
    const value = settings[name];
    const why = value === undefined ? undefined : judge(value, settings);
    if (value === undefined) found.unseen.push(name);
    else if (why === undefined) found.cheap.push(name);
    else found.costs.push({ name, value, why });
  }
  if (loginTriggers !== null && loginTriggers.length > 0) {
    const why = 'run in this database at every login, before it is ready';
    found.costs.push({ name: 'login triggers', value: loginTriggers.join(', '), why });
  }
  return found;
}

function describeTls(tls: string, isPooled: boolean): ConnectCost {
  const why = isPooled
    ? 'each connect is a full handshake with the pooler'
    : 'each connect is a full handshake: Postgres resumes no TLS sessions';
  return { name: 'TLS', value: tls, why };
}
