import pg from 'pg';
import type { Protocol } from '../../scenario/statements.ts';
import { listExtended, NO_COPY_DATA } from '../protocol/statements.ts';

/** Methods of pg.Query that its published types leave out. pg's Client and Query call them. */
interface QueryMethods {
  prepare(connection: QueryConnection): void;
  handleCopyInResponse(connection: QueryConnection): void;
}

/** Methods of pg.Connection that a query calls. */
interface QueryConnection {
  parse(message: { text: string }): void;
  bind(message: object): void;
  describe(message: { type: 'P' }): void;
  execute(message: object): void;
  sync(): void;
  sendCopyFail(text: string): void;
}

const Query = pg.Query as unknown as new (config: {
  text: string;
  queryMode: Protocol;
}) => pg.Query & QueryMethods;

/** The text of a statement, and how pg sends it. */
export interface PgText {
  text: string;
  protocol: Protocol;
  isReadOnly: boolean;
}

/**
 * One statement as pg sends it. pg parses every row, as it does for an application, but keeps none: it keeps rows only
 * for queries without a listener for them. In the extended protocol pg sends Describe before Execute.
 */
export class PgStatement extends Query {
  readonly #texts: string[];

  /** `text`: in the simple protocol already in its read-only transaction, if it has one. */
  constructor({ text, protocol, isReadOnly }: PgText) {
    super({ text, queryMode: protocol });
    this.#texts = listExtended(text, isReadOnly);
    this.on('row', ignore);
  }

  /** Does what pg's own method does, for each text, and sends one Sync. pg writes all of it at once. */
  override prepare(connection: QueryConnection): void {
    for (const text of this.#texts) {
      connection.parse({ text });
      connection.bind({});
      connection.describe({ type: 'P' });
      connection.execute({});
    }
    connection.sync();
  }

  override handleCopyInResponse(connection: QueryConnection): void {
    connection.sendCopyFail(NO_COPY_DATA);
  }
}

function ignore(): void {}
