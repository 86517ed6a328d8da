/** If less than this share of the host's CPUs is idle, they count as all busy. */
export const NO_IDLE_SHARE = 0.05;
/** From this share of the host's CPUs on, a process is worth moving to another machine. */
export const MUCH_CPU_SHARE = 0.15;
