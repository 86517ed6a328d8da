// @ts-check

/** So long that V8 has compiled by the last two thirds, which are measured. */
export const FAST = { ratePerSecond: 4000, durationS: 15 };
/** Here each connect wakes a sleeping process, several times: dearer for everybody. */
export const PACED = { ratePerSecond: 1000, durationS: 10 };
/** As fast as it goes, by one thread. */
export const UNPACED = { clients: 8, durationS: 15 };
