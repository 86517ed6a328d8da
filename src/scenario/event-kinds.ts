/** What a scenario may do to the server, or have done by a command, while load runs. */
export const EVENT_KINDS = [
  'restart',
  'stop',
  'start',
  'crash',
  'stall',
  'drop-all',
  'reload',
  'promote',
  'exec',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];
