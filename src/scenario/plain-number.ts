const SHAPE = /^(?<digits>\d[\d,_' ]*(?:\.\d+)?) ?(?<unit>k|M|\/s|\/sec|\/second|rps|%)?$/;
const FACTORS: Record<string, number> = { k: 1e3, M: 1e6 };

/** What to append to a message about a text that is no number though a person reads one: `1,000`, `2k`, `50/s`. */
export function suggestPlainNumber(text: string): string {
  const { digits, unit = '' } = SHAPE.exec(text.trim())?.groups ?? {};
  if (digits === undefined) return '';
  const number = Number(digits.replace(/[,_' ]/g, '')) * (FACTORS[unit] ?? 1);
  return Number.isFinite(number) ? `; write ${number}, without a unit` : '';
}
