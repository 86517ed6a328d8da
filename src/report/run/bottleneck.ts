import { listServers, nameServer } from '../../analysis/figures/hosts.ts';
import { escapeControls } from '../../controls.ts';
import type { Bottleneck, Cause } from '../../result/records/bottleneck.ts';
import type { VariantRecord } from '../../result/records/header.ts';
import { formatCount, formatDuration, formatRate, formatShare } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';
import { wrapText } from '../text/text.ts';

type Line = Bottleneck['evidence'][number];

/**
 * Returns the bottleneck of each variant, how sure it is, its evidence, and advice. A variant without a verdict has no
 * lines.
 */
export function renderBottlenecks(
  { header, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  return variants.map(({ name, summary, record }) => {
    const whose = header.isLone ? '' : `${name}: `;
    const lines = describeBottleneck(summary.bottleneck, { columns, paint, whose });
    const text = lines.length === 0 ? '' : describeScope(record);
    const scope = text === '' ? [] : wrapText(text, columns, 2);
    return { lines: [...lines, ...scope.map(paint.dim)] };
  });
}

/** Returns which of several hosts the probes have watched; nothing if there is one, or no probe. */
function describeScope({ spec, target }: Pick<VariantRecord, 'spec' | 'target'>): string {
  const servers = listServers(target);
  const watched = servers.find(({ problem }) => problem === undefined);
  if (servers.length < 2 || watched === undefined || !spec.probes) return '';
  return `the probes watched only ${escapeControls(nameServer(watched))}, one of ${servers.length} hosts`;
}

/** Returns the lines of one verdict. `whose`: a variant's name and a colon, before the verdict. */
export function describeBottleneck(
  bottleneck: Bottleneck | null,
  { columns, paint, whose = '' }: { columns: number; paint: Paint; whose?: string },
): string[] {
  if (bottleneck === null) return [];
  const { cause, confidence, evidence, against = [], missing = [], advice = [] } = bottleneck;
  const verdict = `${escapeControls(whose)}${nameBottleneck({ cause, confidence })}`;
  return [
    ...wrapText(verdict, columns, 2).map((line) => paint.bold(paint[colourOf(cause)](line))),
    ...listFigures(evidence, columns),
    ...listUnder('what speaks against it', listFigures(against, columns)),
    ...listUnder('what could not be measured', listLines(missing, columns).map(paint.dim)),
    ...listUnder('what would help', listLines(advice, columns)),
  ];
}

/** Returns `what gives out: the pooler (inferred, not proven)`. */
export function nameBottleneck({
  cause,
  confidence,
}: Pick<Bottleneck, 'cause' | 'confidence'>): string {
  return `${CAUSES[cause]}${cause === 'none' ? '' : HOW_SURE[confidence]}`;
}

const CAUSES = {
  postmaster: 'what gives out: the postmaster, which takes one connect at a time',
  'host-cpu': "what gives out: the CPUs of the server's host",
  'connection-limit': 'what gives out: connection slots',
  'accept-queue':
    'what gives out: the accept queue, which is too short for the connects that come at once',
  auth: 'what gives out: authentication',
  tls: 'what gives out: TLS handshakes',
  pooler: 'what gives out: the pooler',
  network: 'what gives out: the network',
  generator: 'what gives out: connstorm itself, before the target',
  none: 'nothing gave out: what was offered was achieved',
  unknown: 'what gives out is not known',
} satisfies Record<Cause, string>;

const HOW_SURE = {
  proven: ' (proven)',
  inferred: ' (inferred, not proven)',
  unknown: '',
} satisfies Record<Bottleneck['confidence'], string>;

function colourOf(cause: Cause): 'green' | 'yellow' | 'red' {
  if (cause === 'none') return 'green';
  return cause === 'generator' ? 'red' : 'yellow';
}

/** Returns the numbers in a column, with their text beside them. */
function listFigures(lines: readonly Line[], columns: number): string[] {
  const shown = lines.map((line) => ({ number: formatFigure(line), text: alignUnits(line.text) }));
  const width = Math.max(0, ...shown.map(({ number }) => number.length));
  return shown.flatMap(({ number, text }) =>
    wrapText(escapeControls(text), columns - width - 4).map((line, index) => {
      const first = index === 0 ? number : '';
      return `  ${first.padStart(width)}  ${line}`;
    }),
  );
}

/** Returns `87%`, `4.7 ms`, `1.40 s`, `421/s` or `12`, in the format of the rest of the report. */
function formatFigure({ value, unit }: Line): string {
  if (unit === 'ms') return formatMs(value);
  if (unit === '%') return formatShare(value / 100);
  if (unit === '/s') return formatRate(value);
  return unit === '1' ? formatCount(value) : `${formatCount(value)} ${escapeControls(unit)}`;
}

/** Returns seconds from one second on. Below that, all digits that were measured. */
function formatMs(ms: number): string {
  return ms >= 1000 ? formatDuration(ms * 1000) : `${formatCount(ms)} ms`;
}

/** Formats the figure that the text compares with in the same way: `spawn, median (at low load 4 ms)`. */
function alignUnits(text: string): string {
  return text.replace(/\((at low load|at its best) ([\d.]+)( ms|%)\)$/, (_, when, number, unit) => {
    const shown = formatFigure({ text: '', value: Number(number), unit: unit.trim() });
    return `(${when} ${shown})`;
  });
}

function listLines(lines: readonly string[], columns: number): string[] {
  return lines.flatMap((line) =>
    wrapText(`- ${escapeControls(line)}`, columns - 2, 2).map((part) => `  ${part}`),
  );
}

function listUnder(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines];
}
