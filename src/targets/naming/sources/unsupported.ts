/** A parameter of libpq that connstorm does not follow. */
export interface Unsupported {
  /** Why, or what to do instead. */
  why: string;
  /** Values that ask for no more than what connstorm does anyway: libpq's default, or that something be left out. */
  harmless: readonly string[];
}

const GSS = 'connstorm logs in with a password, MD5 or SCRAM, or by trust';
const DEFAULT = 'connstorm leaves it at its default';
const NEGOTIATED = 'connstorm uses what Node and the server agree on';

/** By keyword: https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
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
    // Who has no ticket, as connstorm has none, is not asked for one under prefer.
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
 * The variables of theirs that require something, of a server or of the connection to it: to connect without it would be worse than
 * not to connect. https://www.postgresql.org/docs/18/libpq-envars.html
 */
export const REQUIREMENTS = {
  PGSSLCRLDIR: 'sslcrldir',
  PGSSLCERTMODE: 'sslcertmode',
  PGGSSENCMODE: 'gssencmode',
  PGREQUIREPEER: 'requirepeer',
  PGMINPROTOCOLVERSION: 'min_protocol_version',
} as const;

/** The others, of which people are told. For the last three the server has settings, and libpq no keywords. */
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
