/**
 * The first byte of each of the server's messages, which gives its type
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html).
 */
export const AUTHENTICATION = 0x52; // R
export const BACKEND_KEY_DATA = 0x4b; // K
export const COPY_DATA = 0x64; // d
export const COPY_IN_RESPONSE = 0x47; // G
export const DATA_ROW = 0x44; // D
export const ERROR_RESPONSE = 0x45; // E
export const NEGOTIATE_PROTOCOL_VERSION = 0x76; // v
export const NOTICE_RESPONSE = 0x4e; // N
export const PARAMETER_STATUS = 0x53; // S
export const READY_FOR_QUERY = 0x5a; // Z
export const ROW_DESCRIPTION = 0x54; // T

/** The first word of an AUTHENTICATION message: what the server asks for. */
export const AUTH_OK = 0;
export const AUTH_CLEARTEXT = 3;
export const AUTH_MD5 = 5;
export const AUTH_SASL = 10;
export const AUTH_SASL_CONTINUE = 11;
export const AUTH_SASL_FINAL = 12;
