import { nounOf } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import { quoteStatement } from '../../scenario/quote-statement.ts';
import type { ResolvedHost } from '../naming/resolved-target.ts';
import { describeServer } from './describe.ts';

/** What is told before a storm at a server that may be somebody's: all rounds of all variants. */
export interface StormPlan {
  /** The highest rate of arrivals; null: none come at a rate. */
  peakRatePerSecond: number | null;
  /** Clients that come at one moment; null: none do. */
  atOnce: number | null;
  /** Of closed loops; null: there are none. */
  clientCount: number | null;
  /** A saturation-search, whose rates are decided while it runs; null: there is none. */
  search: SearchIntent | null;
  /** undefined: as many as the target's free slots allow, which is not known before it is asked. */
  maxInFlight: number | undefined;
  /** More in flight than the target has slots for is allowed (`--beyond-slots`). */
  isBeyondSlots: boolean;
  /** Arrivals of all rounds; null: not known beforehand. */
  arrivalCount: number | null;
  /** There may be fewer arrivals: a taste finds the rate of the run. */
  isTasted: boolean;
  /** How often each arrival may try to connect; 1 without retries. */
  triesEach: number;
  /** Of all rounds; of a search about, and `search.mostUs` at most. */
  durationUs: number;
  /** Statements of the scenario's own that each connection sends, without repetition. */
  statements: StatementsIntent;
}

export interface StatementsIntent {
  /** Sent in read-only transactions. */
  reading: readonly string[];
  writing: readonly string[];
}

export interface SearchIntent {
  /** The highest rate that it may try; null: there is no bound. */
  maxRatePerSecond: number | null;
  /** With the other loads of the run. */
  mostUs: number;
  /** What to know of the connections that it holds; absent: it holds none. */
  held?: string;
}

/** `db:5432 (192.0.2.1) with up to 1,400 connects/s; up to 80 in flight; 12,000 connects in 25.5 s`. */
export function describeStorm(hosts: readonly ResolvedHost[], plan: StormPlan): string {
  const servers = hosts.filter(isResolved).map(describeHost).join(' and ');
  const parts = [
    `${servers} with ${listPaces(plan).join(' and ')}`,
    describeInFlight(plan),
    describeAmount(plan),
    ...(plan.search?.held === undefined ? [] : [plan.search.held]),
    ...describeStatements(plan.statements),
  ];
  return parts.join('; ');
}

function describeStatements({ reading, writing }: StatementsIntent): string[] {
  return [
    ...describeTexts('each connection runs in read-only transactions', reading),
    ...describeTexts('each connection runs, and may write', writing),
  ];
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

/** With every address that may be tried. */
function describeHost({ target, addresses }: ResolvedHost): string {
  return describeServer({ ...target, address: addresses.join(', ') });
}
