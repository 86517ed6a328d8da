/** What a scenario may do to the server while load runs, by itself or by a command. */
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
