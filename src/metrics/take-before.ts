/** Sorts the moments, and removes and returns those before `beforeUs`. */
export function takeBefore(moments: number[], beforeUs: number): number[] {
  moments.sort((a, b) => a - b);
  const first = moments.findIndex((us) => us >= beforeUs);
  return moments.splice(0, first === -1 ? moments.length : first);
}
