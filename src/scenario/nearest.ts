/** Returns what to append to a message about an unknown `name`: a question with the likely known name, or ''. */
export function suggestNearest(name: string, known: readonly string[]): string {
  const nearest = findNearest(name, known);
  return nearest === undefined ? '' : `; did you mean \`${nearest}\`?`;
}

/** Returns the known name that `name` was most likely meant to be; undefined if none is near. Case is ignored. */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3));
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least || (distance === least && nearest === undefined)) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

/**
 * Returns the number of edits that turn `a` into `b`: insert, delete, replace, or swap two neighbours (optimal string
 * alignment).
 */
function editDistance(a: string, b: string): number {
  // Names whose lengths differ by more than any name's length are never near. This limits the work on garbage.
  if (Math.abs(a.length - b.length) > 32) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + cost,
      );
      if (row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (before[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
