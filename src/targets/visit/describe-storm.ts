import { nounOf } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import { quoteStatement } from '../../scenario/quote-statement.ts';
import type { ResolvedHost } from '../naming/resolved-target.ts';
import { describeServer } from './describe.ts';

/** What a person is told before a storm: all rounds of all variants together. */
export interface StormPlan {
  /** The highest rate of arrivals; null: no arrivals come at a rate. */
  peakRatePerSecond: number | null;
  /** Clients that come at one moment; null: there are none. */
  atOnce: number | null;
  /** Clients of closed loops; null: there are none. */
  clientCount: number | null;
  /** A saturation-search, whose rates are decided while it runs; null: there is none. */
  search: SearchIntent | null;
  /**
   * The cap on attempts in flight. undefined: as many as the target has free slots, which is not known before it is
   * asked.
   */
  maxInFlight: number | undefined;
  /** Whether more attempts than the target has slots may be in flight (`--beyond-slots`). */
  isBeyondSlots: boolean;
  /** Arrivals of all rounds; null: their number is not known beforehand. */
  arrivalCount: number | null;
  /** Whether a taste finds the rate of the run, so that there may be fewer arrivals. */
  isTasted: boolean;
  /** Highest number of attempts for each arrival; 1 without retries. */
  triesEach: number;
  /** Length of all rounds in microseconds. For a search it is an estimate, and `search.mostUs` is the limit. */
  durationUs: number;
  /** Statements of the scenario's own that each connection sends, without repetition. */
  statements: StatementsIntent;
  /** Activities beside the load, in a few words each, without repetition. */
  background: readonly string[];
  /** Events, a line each without repetition, in the order of their times. */
  events: readonly EventIntent[];
}

export interface EventIntent {
  /** When it begins, in microseconds since the start of the load. */
  atUs: number;
  /** What it does, e.g. `exec "./failover.sh"`. */
  text: string;
  /** For how long it suspends the kill switch, in microseconds. */
  allowUs: number;
}

export interface StatementsIntent {
  /** Sent in read-only transactions. */
  reading: readonly string[];
  writing: readonly string[];
}

export interface SearchIntent {
  /** The highest rate that the search may try; null: there is no limit. */
  maxRatePerSecond: number | null;
  /** The longest time that the search and the other loads of the run may take, in microseconds. */
  mostUs: number;
  /** A line about the connections that the search holds; absent: it holds none. */
  held?: string;
}

/**
 * Returns a storm in one line: `db:5432 (192.0.2.1) with up to 1,400 connects/s; up to 80 in flight; 12,000 connects in
 * 25.5 s`.
 */
export function describeStorm(hosts: readonly ResolvedHost[], plan: StormPlan): string {
  const servers = hosts.filter(isResolved).map(describeHost).join(' and ');
  const parts = [
    `${servers} with ${listPaces(plan).join(' and ')}`,
    describeInFlight(plan),
    describeAmount(plan),
    ...(plan.search?.held === undefined ? [] : [plan.search.held]),
    ...describeStatements(plan.statements),
    ...(plan.background.length === 0 ? [] : [`beside it ${plan.background.join(', ')}`]),
    ...describeEvents(plan.events),
  ];
  return parts.join('; ');
}

function describeStatements({ reading, writing }: StatementsIntent): string[] {
  return [
    ...describeTexts('each connection runs in read-only transactions', reading),
    ...describeTexts('each connection runs, and may write', writing),
  ];
}

function describeEvents(events: readonly EventIntent[]): string[] {
  const texts = events.map(
    ({ atUs, text, allowUs }) =>
      `${formatSpan(atUs)} after the start of the load: ${text} (the kill switch does not act for ${formatSpan(allowUs)})`,
  );
  return [...new Set(texts)];
}

function describeTexts(what: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [`${what}: ${texts.map(quoteStatement).join(', ')}`];
}

function listPaces({ peakRatePerSecond, atOnce, clientCount, search }: StormPlan): string[] {
  return [
    ...(search === null ? [] : [describeSearch(search)]),
    ...(peakRatePerSecond === null ? [] : [`up to ${format(peakRatePerSecond)} connects/s`]),
    ...(atOnce === null ? [] : [`${count(atOnce, 'connect')} at once`]),
    ...(clientCount === null ? [] : [describeClients(clientCount)]),
  ];
}

function describeClients(clientCount: number): string {
  return `${count(clientCount, 'client')} that ${nounOf(clientCount, 'connects', 'connect')} again and again`;
}

function describeSearch({ maxRatePerSecond }: SearchIntent): string {
  const most = maxRatePerSecond === null ? '' : `, at most ${format(maxRatePerSecond)} connects/s`;
  return `rates that grow until the target falls behind${most}`;
}

function describeInFlight({ maxInFlight, isBeyondSlots }: StormPlan): string {
  if (maxInFlight === undefined) return 'as many in flight as its free slots allow';
  const beyond = isBeyondSlots ? ', even beyond its slots: it may refuse other clients' : '';
  return `up to ${format(maxInFlight)} in flight${beyond}`;
}

function describeAmount(plan: StormPlan): string {
  const { arrivalCount, isTasted, triesEach, durationUs, search } = plan;
  const seconds = formatSpan(durationUs);
  if (search !== null) {
    return `about ${seconds}, at most ${formatSpan(search.mostUs)}`;
  }
  if (arrivalCount === null) return `for ${seconds}`;
  const most = isTasted ? 'at most ' : '';
  const what =
    triesEach === 1
      ? count(arrivalCount, 'connect')
      : `${count(arrivalCount, 'client')} that ${nounOf(arrivalCount, 'tries', 'try')} up to ${format(triesEach)} times${arrivalCount === 1 ? '' : ' each'}`;
  return `${most}${what} in ${seconds}`;
}

function count(value: number, noun: string): string {
  return `${format(value)} ${nounOf(value, noun)}`;
}

function format(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

function isResolved({ addresses }: ResolvedHost): boolean {
  return addresses.length > 0;
}

/** Returns a server with every address that may be tried. */
function describeHost({ target, addresses }: ResolvedHost): string {
  return describeServer({ ...target, address: addresses.join(', ') });
}
