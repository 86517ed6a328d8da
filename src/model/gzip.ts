/** Returns whether the bytes begin as gzip: https://www.rfc-editor.org/rfc/rfc1952#page-6 */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
