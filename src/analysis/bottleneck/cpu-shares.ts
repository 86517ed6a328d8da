/** Less than this of the host's CPUs idle is none. */
export const NO_IDLE_SHARE = 0.05;
/** More than this of the host's CPUs is worth freeing. */
export const MUCH_CPU_SHARE = 0.15;
