/** Longer than this, and people wonder whether anything happens. */
const SLOW_MS = 1000;

/** The same work; `tell` is called once where it is not done after a second. */
export async function noteWhileSlow<T>(work: Promise<T>, tell: () => void): Promise<T> {
  const timer = setTimeout(tell, SLOW_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
