/**
 * Laws that hold of many cases are held to some of them by `npm test`, and to all of them by `npm run test:real`, which sets
 * ALL_CASES. Cases are drawn from seeds: the same every time.
 */
export function countCases({ some, all }: { some: number; all: number }): number {
  return process.env.ALL_CASES === undefined ? some : all;
}
