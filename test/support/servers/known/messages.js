// @ts-check

/**
 * The messages a server sends, and the two shapes of what it reads.
 * https://www.postgresql.org/docs/18/protocol-message-formats.html
 */

export const SSL_REQUEST = 80877103;
export const GSSENC_REQUEST = 80877104;
export const CANCEL_REQUEST = 80877102;
export const PROTOCOL_3_0 = 196608;
/** The first byte of a TLS client's hello, and of no packet of ours. */
export const TLS_HANDSHAKE = 0x16;

/** @param {string} type One letter. @param {...Buffer} parts @returns {Buffer} */
export function message(type, ...parts) {
  const body = Buffer.concat(parts);
  const head = Buffer.from(`${type}....`, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** @param {number} value */
function int32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** @param {number} value */
function int16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

/** @param {string} text */
const zeroTerminated = (text) => Buffer.from(`${text}\0`);

export const AUTHENTICATION = {
  ok: 0,
  password: 3,
  md5: 5,
  sasl: 10,
  saslContinue: 11,
  saslFinal: 12,
};

/** @param {keyof typeof AUTHENTICATION} kind @param {Buffer} [data] */
export const authentication = (kind, data = Buffer.alloc(0)) =>
  message('R', int32(AUTHENTICATION[kind]), data);

/** @param {string[]} mechanisms */
export const saslMechanisms = (mechanisms) =>
  authentication('sasl', zeroTerminated(`${mechanisms.join('\0')}\0`));

/** @param {string} name @param {string} value */
export const parameterStatus = (name, value) =>
  message('S', zeroTerminated(name), zeroTerminated(value));

export const PARAMETERS = Buffer.concat([
  parameterStatus('server_version', '18.4'),
  parameterStatus('server_encoding', 'UTF8'),
  parameterStatus('client_encoding', 'UTF8'),
  parameterStatus('DateStyle', 'ISO, MDY'),
  parameterStatus('integer_datetimes', 'on'),
  parameterStatus('standard_conforming_strings', 'on'),
]);

/** @param {number} processId @param {number} secret */
export const backendKeyData = (processId, secret) => message('K', int32(processId), int32(secret));

export const READY_FOR_QUERY = message('Z', Buffer.from('I'));

/** The newest version is 3.0, and one option is unknown. */
export const NEGOTIATE_PROTOCOL_VERSION = message(
  'v',
  int32(PROTOCOL_3_0),
  int32(1),
  zeroTerminated('_pq_.unknown'),
);

/** @param {string} severity @param {string} code @param {string} text */
function fields(severity, code, text) {
  return zeroTerminated(`S${severity}\0V${severity}\0C${code}\0M${text}\0`);
}

/**
 * An ErrorResponse or a NoticeResponse, as its severity asks.
 *
 * @param {import('./behaviour.js').Said} said
 */
export function say({ severity, code, message: text, translated = severity }) {
  const isError = severity === 'ERROR' || severity === 'FATAL';
  const body = `S${translated}\0V${severity}\0C${code}\0M${text}\0`;
  return message(isError ? 'E' : 'N', zeroTerminated(body));
}

/** @param {'FATAL' | 'ERROR'} severity @param {string} code @param {string} text */
export const errorResponse = (severity, code, text) => message('E', fields(severity, code, text));

/** What a postmaster says that cannot fork: protocol 2, without a length. @param {string} text */
export const v2Error = (text) => zeroTerminated(`E${text}\n`);

export const NOTICE = message('N', fields('NOTICE', '00000', 'a notice that asks for nothing'));

/**
 * PostgreSQL 18's word on its own times, in milliseconds; `words` instead of its English ones.
 *
 * @param {{ totalMs: number, forkMs: number, authMs: number, words?: string[] }} times
 */
export function setupNotice({ totalMs, forkMs, authMs, words }) {
  const [setup, fork, auth] = words ?? ['connection ready: setup total', 'fork', 'authentication'];
  const text = `${setup}=${totalMs.toFixed(3)} ms, ${fork}=${forkMs.toFixed(3)} ms, ${auth}=${authMs.toFixed(3)} ms`;
  return message('N', fields('LOG', '00000', text));
}

const OID_BOOL = 16;
const OID_INT8 = 20;
const OID_INT4 = 23;
const OID_TEXT = 25;

/**
 * The answer to a query, ReadyForQuery included: one row of one column.
 *
 * @param {string} column @param {number} type An OID. @param {number} length Of the type; -1: it varies.
 * @param {string} value
 */
const oneRow = (column, type, length, value) =>
  Buffer.concat([
    message(
      'T',
      int16(1),
      zeroTerminated(column),
      int32(0),
      int16(0),
      int32(type),
      int16(length),
      int32(-1),
      int16(0),
    ),
    message('D', int16(1), int32(Buffer.byteLength(value)), Buffer.from(value)),
    message('C', zeroTerminated('SELECT 1')),
    READY_FOR_QUERY,
  ]);

/** @typedef {import('./behaviour.js').Value} Value */

/** @param {Value | undefined} value @returns {{ oid: number, text: string | null }} */
function encode(value) {
  if (value === null || value === undefined) return { oid: OID_TEXT, text: null };
  if (typeof value === 'object') return { oid: OID_INT8, text: value.int8 };
  if (typeof value === 'boolean') return { oid: OID_BOOL, text: value ? 't' : 'f' };
  return { oid: typeof value === 'number' ? OID_INT4 : OID_TEXT, text: String(value) };
}

/** @param {string | null} text */
function cell(text) {
  if (text === null) return int32(-1);
  return Buffer.concat([int32(Buffer.byteLength(text)), Buffer.from(text)]);
}

/**
 * The answer to a query, ReadyForQuery included; the first row tells the columns and their types.
 *
 * @param {Record<string, Value>[]} rows
 */
export function table(rows) {
  const columns = Object.entries(rows[0] ?? {});
  const described = columns.map(([name, value]) =>
    Buffer.concat([
      zeroTerminated(name),
      int32(0),
      int16(0),
      int32(encode(value).oid),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
  const data = rows.map((row) => {
    const cells = columns.map(([name]) => cell(encode(row[name]).text));
    return message('D', int16(columns.length), ...cells);
  });
  const done = message('C', zeroTerminated(`SELECT ${rows.length}`));
  const head = message('T', int16(columns.length), ...described);
  return Buffer.concat([head, ...data, done, READY_FOR_QUERY]);
}

/** The answer to `SELECT 1`. */
export const ONE_ROW = oneRow('?column?', OID_INT4, 4, '1');

/** @param {string} value Of a column called `state`. */
export const textRow = (value) => oneRow('state', OID_TEXT, -1, value);

/** The answers to a backend's pid and age. @param {number} pid */
export const pidRow = (pid) => oneRow('pid', OID_INT4, 4, `${pid}`);

/** @param {number} us */
export const ageRow = (us) => oneRow('age_us', OID_INT8, 8, `${us}`);

/** @param {number | null} port */
export const portRow = (port) => table([{ client_port: port }]);

/** Bytes of no protocol; the first is no letter, so that no reader can take it for a message of another kind. */
export const GARBAGE = Buffer.from([0x00, 0xff, 0x13, 0x37, 0xde, 0xad, 0xbe, 0xef, 0x00, 0x01]);
export const HTTP = Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');

/** An authentication message that says it is 2 GiB long. */
export const HUGE_LENGTH = Buffer.concat([Buffer.from('R'), int32(0x7fffffff), int32(0)]);

/**
 * The parameters of a StartupMessage: name and value in turn, an empty name at the end.
 *
 * @param {Buffer} body Without its length and version.
 * @returns {Record<string, string>}
 */
export function parseStartupParameters(body) {
  const texts = body.toString('utf8').split('\0');
  /** @type {Record<string, string>} */
  const parameters = {};
  for (let i = 0; i + 1 < texts.length && texts[i] !== ''; i += 2) {
    parameters[texts[i] ?? ''] = texts[i + 1] ?? '';
  }
  return parameters;
}
