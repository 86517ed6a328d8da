/**
 * Returns a failure's code and message in one line, the code once: `53300 too many clients`, `connect ECONNREFUSED
 * 127.0.0.1:1`.
 */
export function describeFailure({ code, message }: { code: string; message: string }): string {
  return namesCode(message, code) ? message : `${code} ${message}`;
}

/** Returns whether a message contains its code, as the system's errors do. */
export function namesCode(message: string, code: string): boolean {
  return code !== '' && message.split(/[^A-Za-z0-9_]+/).includes(code);
}
