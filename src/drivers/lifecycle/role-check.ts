import type { Failure } from '../../model/measures.ts';
import {
  findUnknown,
  judgeSession,
  readReportedState,
  readSwitch,
  type SessionAttrs,
  type SessionState,
} from '../login/session-attrs.ts';

/** The code of a failure because the server has another role than target_session_attrs wants. */
export const WRONG_ROLE = 'SESSION_ATTRS';

/**
 * The check of one login against target_session_attrs, by libpq's rules: the parameters that a server from PostgreSQL 14
 * on reports at login, else the answer to one statement.
 */
export class RoleCheck {
  readonly #wanted: SessionAttrs;
  readonly #parameters: Record<string, string> = {};
  #answer: Partial<SessionState> = {};

  constructor(wanted: SessionAttrs) {
    this.#wanted = wanted;
  }

  noteParameter(name: string, value: string): void {
    if (name === 'in_hot_standby' || name === 'default_transaction_read_only') {
      this.#parameters[name] = value;
    }
  }

  /** Returns the statement that asks for what the login did not show; undefined: it showed enough. */
  get question(): string | undefined {
    const unknown = findUnknown(this.#state, this.#wanted);
    return unknown && QUESTIONS[unknown];
  }

  /** Notes the answer to `question`; undefined: there is no value. */
  noteAnswer(value: string | undefined): void {
    const unknown = findUnknown(readReportedState(this.#parameters), this.#wanted);
    if (unknown !== undefined) this.#answer = { [unknown]: readSwitch(value) };
  }

  /** Returns why the server does not fit; undefined if it does. */
  judge(): Failure | undefined {
    const misfit = judgeSession(this.#state, this.#wanted);
    return misfit === undefined ? undefined : this.#describe(`the server ${misfit}`);
  }

  /** Describes an error instead of an answer. */
  describeError({ code, message }: Failure): Failure {
    return this.#describe(
      `${this.question ?? 'the question for its role'} failed: ${code} ${message}`,
    );
  }

  get #state(): SessionState {
    return { ...readReportedState(this.#parameters), ...this.#answer };
  }

  #describe(why: string): Failure {
    const message = `${why} (target_session_attrs=${this.#wanted})`;
    return { layer: 'server', phase: 'ready', code: WRONG_ROLE, message };
  }
}

/** The statements that libpq sends. */
const QUESTIONS: Record<keyof SessionState, string> = {
  readOnly: 'SHOW transaction_read_only',
  standby: 'SELECT pg_catalog.pg_is_in_recovery()',
};
