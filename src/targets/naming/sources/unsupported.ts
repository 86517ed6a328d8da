/** A parameter of libpq that connstorm does not follow. */
export interface Unsupported {
  /** Why it is not followed, or what to do instead. */
  why: string;
  /** Values that change nothing for connstorm: libpq's default, or a value that asks to leave something out. */
  harmless: readonly string[];
}

const GSS = 'connstorm logs in with a password, MD5 or SCRAM, or by trust';
const DEFAULT = 'connstorm leaves it at its default';
const NEGOTIATED = 'connstorm uses what Node and the server agree on';

/** The unsupported parameters by keyword: https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
export const UNSUPPORTED: Readonly<Record<string, Unsupported>> = {
  ...list('a client certificate is presented if there is one', { sslcertmode: ['allow'] }),
  ...list('connstorm reads no folder of revocation lists: put them into one file, for sslcrl', {
    sslcrldir: [],
  }),
  ...list(NEGOTIATED, {
    sslcompression: ['0'],
    sslkeylogfile: [],
    sslsni: ['1'],
  }),
  ...list(GSS, {
    gssdelegation: ['0'],
    // Under prefer, libpq does without GSS if there is no ticket, and connstorm never has one.
    gssencmode: ['disable', 'prefer'],
    gsslib: [],
    krbsrvname: ['postgres'],
    oauth_client_id: [],
    oauth_client_secret: [],
    oauth_issuer: [],
    oauth_scope: [],
    requirepeer: [],
    scram_client_key: [],
    scram_server_key: [],
  }),
  ...list(DEFAULT, {
    max_protocol_version: ['3.0'],
    min_protocol_version: ['3.0'],
    replication: ['0', 'false', 'no', 'off'],
  }),
};

/**
 * libpq's variables that require something of a server or of the connection. To connect without it would be worse than
 * not to connect. https://www.postgresql.org/docs/18/libpq-envars.html
 */
export const REQUIREMENTS = {
  PGSSLCRLDIR: 'sslcrldir',
  PGSSLCERTMODE: 'sslcertmode',
  PGGSSENCMODE: 'gssencmode',
  PGREQUIREPEER: 'requirepeer',
  PGMINPROTOCOLVERSION: 'min_protocol_version',
} as const;

/**
 * libpq's other unsupported variables, which cause a warning. The last three are settings of the server, without
 * keywords of libpq.
 */
export const TOLD_VARIABLES = {
  PGSSLCOMPRESSION: 'sslcompression',
  PGSSLSNI: 'sslsni',
  PGKRBSRVNAME: 'krbsrvname',
  PGGSSLIB: 'gsslib',
  PGGSSDELEGATION: 'gssdelegation',
  PGMAXPROTOCOLVERSION: 'max_protocol_version',
  PGDATESTYLE: 'datestyle',
  PGTZ: 'timezone',
  PGGEQO: 'geqo',
} as const;

function list(
  why: string,
  keywords: Record<string, readonly string[]>,
): Record<string, Unsupported> {
  return Object.fromEntries(
    Object.entries(keywords).map(([keyword, harmless]) => [keyword, { why, harmless }]),
  );
}
