const SHAPE = /^(?<digits>\d[\d,_' ]*(?:\.\d+)?) ?(?<unit>k|M|\/s|\/sec|\/second|rps|%)?$/;
const FACTORS: Record<string, number> = { k: 1e3, M: 1e6, '%': 0.01 };

/**
 * Returns advice to append to a message about text that a person reads as a number (`1,000`, `2k`, `50/s`, `5%`,
 * `"5"`); '' for other text.
 */
export function suggestPlainNumber(text: string): string {
  const { digits, unit = '' } = SHAPE.exec(text.trim())?.groups ?? {};
  if (digits === undefined) return '';
  const product = Number(digits.replace(/[,_' ]/g, '')) * (FACTORS[unit] ?? 1);
  // 7 times 0.01 has more digits than a person wrote.
  const number = Number(product.toPrecision(12));
  if (!Number.isFinite(number)) return '';
  return unit === '' ? `; write ${number}` : `; write ${number}, without a unit`;
}
