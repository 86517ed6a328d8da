/** The value that one source gives to a parameter. */
export interface GivenValue {
  value: string;
  /** Name of the place for messages: `PGPORT`, `target URL: port`. */
  source: string;
}

/** libpq's parameters by keyword, as text. An empty value counts as given: it asks for the default. */
export type GivenParameters = Map<string, GivenValue>;
