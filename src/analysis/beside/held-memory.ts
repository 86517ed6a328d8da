import type { HeldMemory, MemoryLook, OpeningRecord } from '../../result/records/background.ts';

/** Fewer connections take so little memory that other programs decide the figure. */
const FEWEST = 100;
const PARTS = 4;

/**
 * Returns what each held connection took of the host's memory: the least and the most of any quarter of any opening.
 * undefined: no opening of at least 100 connections was seen.
 */
export function measureHeldMemory(openings: readonly OpeningRecord[]): HeldMemory | undefined {
  const seen = openings.filter(({ opened, memory }) => opened >= FEWEST && memory !== undefined);
  const each = seen.flatMap(({ memory = [] }) => splitOpening(memory).flatMap(divideGrowth));
  if (each.length === 0) return undefined;
  return {
    // Other programs may have given back more than the connections took.
    lowBytes: Math.max(0, Math.min(...each)),
    highBytes: Math.max(0, ...each),
    connections: seen.reduce((sum, { opened }) => sum + opened, 0),
  };
}

/** Returns the first and the last look of each quarter, as far as there are looks. */
function splitOpening(looks: readonly MemoryLook[]): [MemoryLook, MemoryLook][] {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined) return [];
  const least = last.opened / PARTS;
  const ends = [first];
  for (const look of looks) {
    const isPart = look.opened - (ends.at(-1)?.opened ?? 0) >= least;
    if (isPart && last.opened - look.opened >= least) ends.push(look);
  }
  return ends.map((from, index) => [from, ends[index + 1] ?? last]);
}

function divideGrowth([from, to]: [MemoryLook, MemoryLook]): number[] {
  const connections = to.opened - from.opened;
  return connections <= 0 ? [] : [(from.freeBytes - to.freeBytes) / connections];
}
