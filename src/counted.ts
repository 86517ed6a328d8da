/** Counted nouns for people: `1 connect`, `2 connects`, `1,400 connects`. */

/** Returns the count and its noun. `plural`: needed if it is not the noun with an `s`. */
export function formatCounted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${nounOf(count, noun, plural)}`;
}

/** Returns the noun alone, for a count that is written elsewhere: `2 of 1 round`. */
export function nounOf(count: number, noun: string, plural = `${noun}s`): string {
  return count === 1 ? noun : plural;
}
