import type { ConnectionPlan } from './driver.ts';
import { NO_SERVER_TIMES } from './protocol/server-times.ts';
import { SELECT_ONE } from './protocol/statements.ts';

/** The plan of a connection of connstorm's own, which is kept until it is closed and of which nothing is asked yet. */
export const OWN_CONNECTION: Omit<ConnectionPlan, 'timeoutUs'> = {
  queries: 0,
  statements: SELECT_ONE,
  tellsUsable: false,
  holdUs: 'end',
  close: 'terminate',
  abandonAfterUs: undefined,
  scramCache: true,
  localAddresses: [],
  serverTimes: NO_SERVER_TIMES,
};
