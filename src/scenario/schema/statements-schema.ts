import { z } from 'zod';
import { PROTOCOLS } from '../statements.ts';

/** A text that is passed on as it stands: SQL, or a command. */
export const passedText = z
  .string()
  .min(1)
  .max(10_000)
  .regex(/^[^\0]*$/, { error: 'must hold no NUL character' });

export const statementsField = z
  .array(passedText.describe('SQL.'))
  .min(1)
  .max(50)
  .exactOptional()
  .describe(
    'Statements that each connection runs, one after another, once it is ready: up to 50 texts of SQL, such as those ' +
      'that an application sends when it connects. timeout limits each of them. If one fails, the rest is not sent, ' +
      'and the connection counts as queryFailed. The figure usable ends with the result of the last one. COPY is ' +
      'refused. Results are read and thrown away. Unless writes is true, statements run in read-only transactions, ' +
      'except in the lab.',
  );

export const protocolField = z
  .enum(PROTOCOLS)
  .exactOptional()
  .describe(
    'How queries and statements are sent. simple (the default): each text in one Query message; it may hold several ' +
      'statements. extended: each text as Parse, Bind, Execute and Sync in one write, with results as text; the server ' +
      'refuses a text of several statements (42601). The pg driver also sends Describe.',
  );

export const writesField = z
  .boolean()
  .exactOptional()
  .describe(
    'Whether statements may write. Default: false. Then each text is sent between BEGIN READ ONLY and COMMIT, without a ' +
      'further round trip, and a write fails with 25006. What SET sets stays set. A statement that begins or ends a ' +
      'transaction, or a text of several statements in the simple protocol, then ends the run before it connects. A ' +
      'statement that cannot run in a transaction fails with 25001. In the lab of the run all statements may write, ' +
      'and nothing is added.',
  );
