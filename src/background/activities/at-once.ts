/** How many acts of an activity with a rate may be under way. Further ones are skipped, and counted. */
export const AT_ONCE = 200;
