// @ts-check

import {
  authentication,
  backendKeyData,
  ONE_ROW,
  PARAMETERS,
  READY_FOR_QUERY,
} from '../../support/servers/known/messages.js';

/** What both instant servers send: all of a login's answer in one piece, as Postgres does. */
export const GREETING = Buffer.concat([
  authentication('ok'),
  PARAMETERS,
  backendKeyData(1, 1),
  READY_FOR_QUERY,
]);

export { ONE_ROW };
