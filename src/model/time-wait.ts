/** How long the side that closed first keeps the pair of ports, in seconds: TIME_WAIT is fixed on Linux, tcp(7). */
export const TIME_WAIT_S = 60;
