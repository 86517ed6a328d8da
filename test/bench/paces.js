// @ts-check

/** So many that what the JIT compiler costs at first is a small part. */
export const FAST = { ratePerSecond: 4000, durationS: 10 };
/** Here each connect wakes a sleeping process, several times: dearer for everybody. */
export const PACED = { ratePerSecond: 1000, durationS: 10 };
