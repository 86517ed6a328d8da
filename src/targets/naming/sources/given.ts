/** What one source says of a parameter. */
export interface GivenValue {
  value: string;
  /** Names the place in messages: `PGPORT`, `target URL: port`. */
  source: string;
}

/** libpq's parameters by keyword, as text. An empty value is given too: it asks for the default. */
export type GivenParameters = Map<string, GivenValue>;
