/** How many seconds before the first disturbance show what is usual. */
export const SECONDS_BEFORE = 10;
