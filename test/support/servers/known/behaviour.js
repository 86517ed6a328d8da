// @ts-check

/**
 * What a known server does: plain JSON, handed to its process at its start. Everything is optional; without
 * any of it the server is a Postgres that answers at once, under `trust`, without TLS. Delays are
 * milliseconds, never shorter than asked and on an idle machine at most about 1 ms longer.
 *
 * @typedef {object} Behaviour
 * @property {'trust' | 'password' | 'md5' | 'scram-sha-256'} [auth]
 * @property {string} [password] The password of every user, default `secret`; one that SASLprep leaves alone.
 * @property {ScramBehaviour} [scram]
 * @property {'N' | 'S' | 'N-with-more' | 'S-with-more' | 'N-with-fatal'} [sslReply] Default `N`; `with-more`: further
 *   bytes in the same packet, as a man in the middle would stuff them; `with-fatal`: FATAL 57P01 in the same packet, as a
 *   backend says it whose postmaster has died.
 * @property {import('./certificate.js').Identity} [identity] The server's certificate; default one made for
 *   `localhost` that nobody vouches for.
 * @property {boolean} [ignoreAlpn] Takes a direct handshake without agreeing to `postgresql`.
 * @property {number} [tlsDelayMs] Between the client's hello and the server's.
 * @property {number} [sslReplyDelayMs] Before the reply to SSLRequest.
 * @property {number} [startupDelayMs] Before whatever answers the StartupMessage.
 * @property {number} [authDelayMs] Before the SASL continue.
 * @property {number} [readyDelayMs] Before ReadyForQuery and all that is kept back until then.
 * @property {number} [queryDelayMs] Before a query's result.
 * @property {boolean} [flushAuthenticationOk] Sends AuthenticationOk (and SASLFinal) ahead of `readyDelayMs`,
 *   as poolers do; Postgres keeps them back until ReadyForQuery.
 * @property {ServerTimes} [serverTimes] What it tells of its own part in a connect, whatever it did; with it the server
 *   also tells its backends' pids, so that it is no pooler.
 * @property {boolean} [splitWrites] Every byte in a write of its own.
 * @property {boolean} [negotiateProtocolVersion] Sends NegotiateProtocolVersion ahead of authentication.
 * @property {Record<string, string>} [parameters] ParameterStatus that are reported beside the usual ones, e.g.
 *   `in_hot_standby`.
 * @property {Record<string, string>} [answers] Results of queries by a piece of their text; others get 1.
 * @property {Record<string, Record<string, Value>[]>} [tables] Rows of queries by a piece of their text; at least one each.
 * @property {boolean} [noBackendKey] Sends no BackendKeyData, as RDS Proxy does not.
 * @property {boolean} [handsOnBackends] A pooler as pgpool-II is: it hands a backend that nobody uses on to the next client,
 *   with the backend's own pid, and a new one only where there is none. Backends tell how long they have really been there.
 * @property {'another' | 'none'} [seenPort] Where its backends see their client: at another port than it is, as behind a proxy or
 *   address translation, or on a Unix socket. Default: where it is; behind a pooler that hands on backends, at another.
 * @property {string} [socketFolder] Listens there as a Postgres of port 5432 does, and not over TCP.
 * @property {number} [backlog] Of the listening socket; default 4096.
 * @property {number} [notices] So many NoticeResponses ahead of every message.
 * @property {Said[]} [loginNotices] Before ReadyForQuery, after AuthenticationOk.
 * @property {Said[]} [queryNotices] Ahead of a query's result.
 * @property {number} [closeAfterBytes] Ends the connection (FIN) once it has sent so many bytes.
 * @property {number} [closeDelayMs] Between the client's Terminate and the FIN that answers it.
 * @property {number} [cutAfterMs] FATAL 57P01 and FIN so long after ReadyForQuery.
 * @property {Said} [cutWith] What is said instead of FATAL 57P01, also where the server cuts all connections at once.
 * @property {PostmasterModel} [postmaster] How long connections wait for their backend, before whatever answers first.
 * @property {number} [refuseEvery] Refuses every n-th connection that gets to `refusal.at`: 1 is all of them.
 * @property {Refusal} [refusal] How it refuses; default FATAL 53300 in reply to the StartupMessage, then FIN.
 * @property {Fault} [fault]
 * @property {number} [spareFirst] The first so many connections are neither refused nor met by the fault,
 *   nor counted for `every`: they let a run's own check through. Default 0.
 *
 * @typedef {object} PostmasterModel
 * @property {number} serialMs Of a connection in the one stage that takes one at a time.
 * @property {number} [spread] Each takes between 1 - spread and 1 + spread of it; default 0.
 * @property {number} [backendMs] Of its backend after that, on one of the cores; default 0.
 * @property {number} [cores] Default 1.
 * @property {{ perSecond: number, ms: number }} [stalls] Of the serial stage, at random by the seed.
 * @property {number} [slots] Connections that have logged in, at most; more are refused with 53300.
 * @property {number} [seed] Default 1.
 *
 * @typedef {object} ScramBehaviour
 * @property {number} [iterations] Default 4096.
 * @property {boolean} [freshSalt] A new salt for every login, as some poolers have it.
 * @property {boolean} [advertisePlus] Offers SCRAM-SHA-256-PLUS too, and takes it where the client chooses it.
 * @property {boolean} [badServerSignature]
 * @property {boolean} [noServerSignature] Says Ok where SASLFinal is due.
 * @property {string[]} [mechanisms] What is offered instead of SCRAM-SHA-256.
 * @property {string} [error] Ends SCRAM with `e=` and this in the place of the server's signature.
 * @property {'challenge' | 'end'} [errorAt] Default `end`; `challenge`: in the place of the SASL continue.
 * @property {boolean} [badNonce] The server's nonce does not begin with the client's.
 *
 * @typedef {object} ServerTimes
 * @property {number} totalMs The setup notice, for clients that listen.
 * @property {number} forkMs
 * @property {number} authMs
 * @property {string[]} [words] Three, instead of the notice's English ones.
 * @property {number} [ageMs] Since when its backends say they are there; without it asking is an ERROR.
 * @property {number} [lateAgeMs] Instead of `ageMs` for connections after the first `spareFirst`.
 * @property {boolean} [forbidden] Clients that ask for the notice are refused with 42501.
 *
 * @typedef {object} Refusal
 * @property {Stage} [at] Default `startup`.
 * @property {string} [code] Default `53300`.
 * @property {string} [message] Default `sorry, too many clients already`.
 * @property {Severity} [severity] Default FATAL.
 * @property {boolean} [v2] As a failed fork is told: `E`, text, NUL, without a length.
 * @property {boolean} [keepOpen] Leaves the socket open after FATAL, as pgpool-II does.
 * @property {boolean} [thenReady] Sends ReadyForQuery after FATAL and leaves the socket open, as pgcat does.
 *
 * @typedef {'NOTICE' | 'WARNING' | 'LOG' | 'ERROR' | 'FATAL'} Severity
 *
 * What a server says beside its answers; ERROR and FATAL in an ErrorResponse, all else in a NoticeResponse.
 *
 * @typedef {object} Said
 * @property {Severity} severity
 * @property {string} code
 * @property {string} message
 * @property {string} [translated] The severity as it is shown to people; default as it is.
 *
 * A boolean is a bool, a number an int4, a text a text; `{ int8 }` a bigint, which drivers make a text of.
 *
 * @typedef {boolean | number | string | null | { int8: string }} Value
 *
 * Something that no Postgres should do, in the place of the answer that belongs to a stage.
 *
 * @typedef {object} Fault
 * @property {Stage} at
 * @property {'silence' | 'close' | 'reset' | 'garbage' | 'http' | 'huge-length' | 'endless-notices' | 'query-error'
 *   | 'ready-alone'} how
 *   `query-error`: an ErrorResponse of severity ERROR and ReadyForQuery, the connection lives on. `ready-alone`:
 *   ReadyForQuery, and no word before or after it.
 * @property {number} [every] Every n-th connection that gets to `at`; default 1.
 *
 * Where a connection has got to: accepted; SSLRequest, StartupMessage, or the first password or SASL message
 * read; `tls`: `S` sent and the client's hello read; `ready`: authenticated; `login-notices`: these are sent, and
 * what comes before them; `query`: a query read.
 *
 * @typedef {'connect' | 'sslrequest' | 'tls' | 'startup' | 'auth' | 'ready' | 'login-notices' | 'query'} Stage
 *
 * What the server has seen since its start.
 *
 * @typedef {object} Counters
 * @property {number} accepted Connections.
 * @property {number} sslRequests
 * @property {number} startups StartupMessages.
 * @property {number} derivations PBKDF2 runs for logins, with `scram.freshSalt`.
 * @property {number} logins ReadyForQuery sent for the first time.
 * @property {number} badLogins Refused because of the password.
 * @property {number} refusals Connections that were refused because of `refuseEvery`, or because the server was full.
 * @property {number} faults By `fault`.
 * @property {number} cancels CancelRequests.
 * @property {number} queries
 * @property {number} terminates
 * @property {number} abandoned Logged in, and gone without Terminate.
 * @property {number} open Sockets open now.
 * @property {number} maxOpen
 * @property {Record<string, number>} peers Connections by the client's address.
 * @property {number} ports Different ports of clients: the kernel may give one a second time while TIME_WAIT of it is with us.
 * @property {Record<string, string> | null} parameters Of the latest StartupMessage.
 * @property {string | null} gs2Header Of the latest SCRAM login: what the client says of channel binding.
 * @property {string[]} complaints What clients did against the protocol; the first 20.
 *
 * `server`: the id of the command that started it, 0 where it was there from the beginning.
 *
 * @typedef {{ id: number } & ({ type: 'start', behaviour: Behaviour }
 *   | { type: 'counters' | 'cut' | 'close', server: number }
 *   | { type: 'fill', server: number, how: 'refuse' | 'close' }
 *   | { type: 'change', server: number, behaviour: Behaviour }
 *   | { type: 'stall', ms: number })} Command
 * @typedef {{ id: number } & ({ type: 'listening', port: number }
 *   | { type: 'counters', counters: Counters }
 *   | { type: 'cut', count: number }
 *   | { type: 'filled' }
 *   | { type: 'changed' }
 *   | { type: 'closed' }
 *   | { type: 'stalled', ms: number })} Report
 */

/** @returns {Counters} */
export function createCounters() {
  return {
    accepted: 0,
    sslRequests: 0,
    startups: 0,
    derivations: 0,
    logins: 0,
    badLogins: 0,
    refusals: 0,
    faults: 0,
    cancels: 0,
    queries: 0,
    terminates: 0,
    abandoned: 0,
    open: 0,
    maxOpen: 0,
    peers: {},
    ports: 0,
    parameters: null,
    gs2Header: null,
    complaints: [],
  };
}
