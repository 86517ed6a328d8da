// @ts-check

/** Seconds, and what is done in them: the shorter run outlasts V8's compiling, the longer one adds 15,000 connects and more. */
export const FAST = { ratePerSecond: 4000, lengths: { short: 5, long: 15 } };
/** Here each connect wakes a sleeping process, several times: dearer for everybody. */
export const PACED = { ratePerSecond: 1000, lengths: { short: 6, long: 21 } };
/** As fast as it goes, by one thread. */
export const UNPACED = { clients: 8, lengths: { short: 5, long: 15 } };
