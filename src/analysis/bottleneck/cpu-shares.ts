/** If less than this share of the host's CPUs is idle, they count as all busy. */
export const NO_IDLE_SHARE = 0.05;
/** Whatever takes more than this share of the host's CPUs is worth moving to another machine. */
export const MUCH_CPU_SHARE = 0.15;
