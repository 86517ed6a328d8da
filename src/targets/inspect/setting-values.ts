/** Values with units, as `SHOW` prints them: https://www.postgresql.org/docs/18/config-setting.html */

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 };
const BYTES: Record<string, number> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Returns the seconds in `1min` or `30s`; undefined for other texts. */
export function readDurationSetting(text: string): number | undefined {
  return readQuantity(text, SECONDS);
}

/** Returns the bytes in `128MB`; undefined for other texts. */
export function readSizeSetting(text: string): number | undefined {
  return readQuantity(text, BYTES);
}

function readQuantity(text: string, units: Record<string, number>): number | undefined {
  const [, count, unit = ''] = /^(\d+)([A-Za-z]+)$/.exec(text) ?? [];
  const factor = units[unit];
  return count === undefined || factor === undefined ? undefined : Number(count) * factor;
}
