import { escapeControls } from '../../controls.ts';
import { TIME_WAIT_S } from '../../model/time-wait.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import { formatCount, formatDuration } from '../text/format.ts';
import { createPaint, type Paint } from '../text/paint.ts';
import { describeAuth } from '../text/server-auth.ts';
import { describeServerVersion, isConsole } from '../text/server-version.ts';
import { wrapText } from '../text/text.ts';

/** Result of `connstorm inspect`, printed unchanged as its JSON. Later versions may add fields. */
export interface InspectionReport {
  type: 'inspection';
  version: 1;
  /** URL without password and parameters. */
  target: string;
  /** connstorm started the target for this inspection. */
  lab: boolean;
  /** True: connections to this address do not leave this machine. */
  local: boolean;
  /** null: the server does not run on this machine, or its process is not known. */
  postmasterPid: number | null;
  /** Time to resolve the name; null for an address. */
  dnsUs: number | null;
  server: HeaderRecord['target']['server'];
  /** CONNECTION LIMIT (-1: none) and the number of connections now; null: not known. */
  limits: {
    superuser: boolean;
    role: { limit: number; used: number };
    database: { limit: number; used: number };
  } | null;
  /** Whether the server reports its own times to this database user at every connect. If it does not: why. */
  serverTimes: { available: boolean; reason?: string };
  /** Notices of the server or a pooler at the login, each kind once. The text comes from the server. */
  notices: { severity: string | null; code: string; message: string }[];
  /** Names of login triggers; null: not known. */
  loginTriggers: string[] | null;
  /** `behindPooler`: the setting makes the pooler's own connects slower, not those of clients. */
  costs: { name: string; value: string; why: string; behindPooler?: true }[];
  /** Settings that were read and cost nothing with their values. */
  cheap: string[];
  /**
   * Settings that this database user may not see, that this server does not have, or that could not be read
   * (`server.unread`).
   */
  unseen: string[];
  generator: HeaderRecord['environment'];
}

/** Label and text. A text may be long. */
type Row = [label: string, text: string];

const LABEL_WIDTH = 13;

/** Returns the report for a terminal, or for a pipe without colour. It ends with a line feed. */
export function renderInspection(
  report: InspectionReport,
  { columns, colour }: { columns: number; colour: boolean },
): string {
  const paint = createPaint(colour);
  const title = `${report.target}${report.lab ? ' (lab)' : ''}`;
  const blocks = [
    wrapText(escapeControls(title), columns, 2).map(paint.bold),
    renderRows(listServerRows(report), columns),
    [paint.bold('what makes connects costly there'), ...renderCosts(report, columns, paint)],
    [paint.bold('this machine'), ...renderRows(listOwnRows(report), columns)],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function listServerRows(report: InspectionReport): Row[] {
  const { server, limits } = report;
  const rows: Row[] = [
    ['server', describeServer(report)],
    ['login', `${describeAuth(server) ?? 'unknown method'}, ${server.tls ?? 'no TLS'}`],
    ['pooler', describePooler(server)],
    ['slots', describeSlots(server)],
    ['server times', describeServerTimes(report.serverTimes)],
    ...report.notices.map(
      ({ severity, code, message }, index): Row => [
        index === 0 ? 'server says' : '',
        `${severity ?? 'notice'} ${code}: ${message}`,
      ],
    ),
  ];
  if (limits === null) return rows;
  return [
    ...rows,
    ['role', limits.superuser ? 'superuser: no limit applies' : describeLimit(limits.role)],
    ['database', describeLimit(limits.database)],
  ];
}

function describeServer({ server, local, postmasterPid, dnsUs }: InspectionReport): string {
  const where = local ? 'on this machine' : 'not on this machine';
  const postmaster = postmasterPid === null ? '' : `, postmaster ${postmasterPid}`;
  const dns = dnsUs === null ? '' : `, name resolved in ${formatDuration(dnsUs)}`;
  return `${describeServerVersion(server)}, ${where}${postmaster}${dns}`;
}

function describePooler({ pooler, between, version, slots }: InspectionReport['server']): string {
  if (isConsole(version)) return 'this is the console of a pooler: name a database that it serves';
  if (pooler === null) {
    const whose =
      slots === null ? '' : '. If so, the slots below are those of the server behind it';
    const what = between === true ? SOMETHING : 'it cannot be seen whether a pooler is in between';
    return `${what}${whose}`;
  }
  return pooler
    ? 'a pooler is in between. It may answer logins itself, so compare the time until the first query'
    : 'none: the backend answers itself';
}

const SOMETHING =
  'address translation, a proxy or a pooler is in between (the server sees connstorm at another port than its own); it cannot be seen whether it is a pooler';

function describeServerTimes({ available, reason }: InspectionReport['serverTimes']): string {
  if (available) return 'reported at every connect: setup, fork, authentication';
  return `not reported: ${reason ?? 'the reason is unknown'}`;
}

function describeSlots({ slots, pooler, clients, unread }: InspectionReport['server']): string {
  if (pooler === true) return describeClients(clients, unread?.clients);
  if (slots === null) {
    const why = unread?.slots ?? unread?.settings;
    return why === undefined ? 'the target does not report them' : `could not be read: ${why}`;
  }
  const { free, max, reserved, used, lower } = slots;
  const most =
    max < 1
      ? 'no max_connections'
      : `max_connections ${formatCount(max)}, ${formatCount(reserved)} reserved`;
  return (
    `${formatCount(free)} free for this role: ${most}, ${formatCount(used)} used` +
    (lower === undefined ? '' : `; the ${lower.of}'s connection limit leaves less`)
  );
}

function describeClients(
  clients: InspectionReport['server']['clients'],
  why = 'the reason is unknown',
): string {
  if (clients === undefined) {
    return `unknown: PgBouncer's console did not say how many clients the pooler accepts: ${why}`;
  }
  const { max, used } = clients;
  return `${formatCount(Math.max(0, max - used))} free for clients of the pooler: max_client_conn ${formatCount(max)}, ${formatCount(used)} used`;
}

function describeLimit({ limit, used }: { limit: number; used: number }): string {
  const most = limit < 0 ? 'no connection limit' : `connection limit ${formatCount(limit)}`;
  return `${most}, ${formatCount(used)} used`;
}

/**
 * Returns the costs. Behind a pooler, the pooler's own costs come first, because clients meet those. The costs that
 * only the pooler meets come after them, indented.
 */
function renderCosts(report: InspectionReport, columns: number, paint: Paint): string[] {
  const { costs, server } = report;
  if (isConsole(server.version)) return renderList(costs, [CONSOLE_NOTE], columns, paint);
  const looked = listLooked(report);
  const isEmpty = costs.length === 0 && report.cheap.length === 0;
  if (server.pooler !== true || isEmpty) return renderList(costs, looked, columns, paint);
  const own = costs.filter(({ behindPooler }) => behindPooler !== true);
  const behind = costs.filter(({ behindPooler }) => behindPooler === true);
  return [
    ...renderList(own, [], columns, paint),
    ...wrapText(BEHIND_POOLER, columns - 2).map((line) => `  ${line}`),
    ...renderList(behind, looked, columns - 2, paint).map((line) => `  ${line}`),
  ];
}

const CONSOLE_NOTE = 'the console shows nothing of the servers behind PgBouncer';
/** Settings such as log_connections take effect at a backend's start, so a backend keeps older values. */
const BEHIND_POOLER =
  "the following settings are those of the server behind the pooler, as one of its backends has them (which may have started before a setting was changed). They make the pooler's connects slower, not those of clients";

function listLooked({ cheap, unseen, loginTriggers, server }: InspectionReport): string[] {
  const why = server.unread?.settings;
  const what = why === undefined ? 'this role cannot see' : `could not be read (${why})`;
  return [
    cheap.length === 0 ? '' : `these settings are fine: ${cheap.join(', ')}`,
    unseen.length === 0 ? '' : `${what}: ${unseen.join(', ')}`,
    loginTriggers === null ? 'it cannot be seen whether there are login triggers' : '',
  ].filter((note) => note !== '');
}

function renderList(
  costs: InspectionReport['costs'],
  notes: readonly string[],
  columns: number,
  paint: Paint,
): string[] {
  const known = costs.flatMap(({ name, value, why }) => [
    ...wrapText(escapeControls(`${name} = ${value}`), columns - 2, 2).map(paint.yellow),
    ...wrapText(why, columns - 4).map((line) => `  ${line}`),
  ]);
  const all = [...(costs.length === 0 ? ['nothing that can be seen'] : []), ...notes];
  const noted = all.flatMap((note) => wrapText(note, columns - 2, 2)).map(paint.dim);
  return [...known, ...noted].map((line) => `  ${line}`);
}

function listOwnRows({ generator, local }: InspectionReport): Row[] {
  const { cpuCount, cpuModel, descriptorLimit, localPorts } = generator;
  return [
    ['cores', `${cpuCount} x ${cpuModel}`],
    [
      'descriptors',
      descriptorLimit === null
        ? 'unknown limit'
        : `${formatCount(descriptorLimit)}: each connection takes one`,
    ],
    ['local ports', localPorts === null ? 'unknown range' : describePorts(localPorts, local)],
  ];
}

function describePorts([first, last]: [number, number], local: boolean): string {
  const count = last - first + 1;
  const range = `${formatCount(count)} (${first}-${last})`;
  if (local) return range;
  const rate = formatCount(Math.floor(count / TIME_WAIT_S));
  return `${range}: enough for ${rate} connects/s over a long time, because each closed connection keeps its port in TIME_WAIT for ${TIME_WAIT_S} s`;
}

function renderRows(rows: Row[], columns: number): string[] {
  return rows.flatMap(([label, text]) =>
    wrapText(escapeControls(text), columns - 2 - LABEL_WIDTH).map(
      (line, index) => `  ${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`,
    ),
  );
}
