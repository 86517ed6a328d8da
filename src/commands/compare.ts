import { basename, extname } from 'node:path';
import { type CapacityRatio, compareCapacities } from '../analysis/comparison/capacity-ratio.ts';
import {
  compareSides,
  DEFAULT_COMPARE,
  objectToResults,
  objectToVariants,
} from '../analysis/comparison/compare-sides.ts';
import { groupSides, type NamedResult } from '../analysis/comparison/group-sides.ts';
import { findCutSearch, findInvalid, type Side } from '../analysis/comparison/obstacles.ts';
import { findStopReasons } from '../analysis/exit-reasons.ts';
import { renderJson } from '../controls.ts';
import {
  ConnstormError,
  decideExitCode,
  type ExitReason,
  pickReason,
  UsageError,
} from '../errors.ts';
import { renderComparisonReport } from '../report/compare/compared.ts';
import { findOrigin } from '../report/run/origin.ts';
import { outputStyle } from '../report/text/paint.ts';
import { liftHeader } from '../result/lift.ts';
import type { ResultSource } from '../result/read/pieces.ts';
import { nameSource } from '../result/read/read.ts';
import type { Comparison } from '../result/records/comparison.ts';
import type { CompareRecord } from '../result/records/header.ts';
import { describeGot } from '../scenario/describe-got.ts';
import { DURATION_PATTERN, parseDuration } from '../scenario/duration.ts';
import { parseFigure } from '../scenario/figure.ts';
import { ACROSS, type Across } from '../scenario/schema/compare-schema.ts';
import { readVersion } from '../version.ts';
import type { Command, CommandArgs, CommandIo } from './command.ts';
import { readText, switchFlag, textFlag } from './input/flags.ts';
import { openResults } from './input/standard-input.ts';
import { summariseFile } from './input/summarise-file.ts';

/**
 * `connstorm compare`: compares results with the first of them, or the variants in one result. The exit code shows a
 * regression.
 */
export const compare: Command = {
  usage: 'compare <baseline> [others..]',
  summary: 'Compare result files with the first of them, or the variants in a single file',
  options: (yargs) =>
    yargs
      .positional('baseline', {
        type: 'string',
        describe: 'A result file, or - for standard input.',
      })
      .positional('others', {
        type: 'string',
        array: true,
        describe:
          'Result files to compare with it. If there are none, the variants in the baseline file are compared.',
      })
      .option('primary', textFlag('The figure to judge, such as "firstQuery p(99)".'))
      .option(
        'relative',
        textFlag(
          'A difference up to this share of the baseline does not matter (default 0.05). The larger of --relative and --absolute decides.',
        ),
      )
      .option(
        'absolute',
        textFlag('The time up to which a difference does not matter (default 1ms).'),
      )
      .option(
        'across',
        textFlag('What may differ between the sides: auth, tls, server, separated by commas.'),
      )
      .option(
        'require-verdict',
        switchFlag('Exit with 113 if the verdict is not known, or if there is no verdict.'),
      )
      .option(
        'force',
        switchFlag(
          'Compare results that are normally refused. The report marks the comparison as forced.',
        ),
      )
      .option('json', switchFlag('Print the comparison as JSON.')),
  async execute(args, io) {
    const paths = [args.baseline, args.others ?? []].flat().map(String);
    const sources = await openResults(paths, io);
    const results = sources.map(readNamed(sources));
    const settings = readSettings(results, args);
    const groups = groupSides(results);
    const findObjections = (results.length === 1 ? objectToVariants : objectToResults)(settings);
    const isForced = args.force === true;
    const stops = results.flatMap(({ summary }) => findStopReasons(summary));
    if (!isForced) refuse(groups, settings, { findObjections, stops });
    const options = { findObjections, isForced };
    const compared = groups.flatMap((sides) => compareSides(sides, settings, options));
    const capacities = groups.flatMap((sides) => compareCapacities(sides, settings, options));
    const reasons: ExitReason[] = [
      ...stops,
      ...findReasons(compared, capacities, args.requireVerdict === true),
    ];
    const found = {
      results,
      paths: sources.map(nameSource),
      groups,
      compared,
      capacities,
      reasons,
    };
    print(found, args.json === true, io);
    return reasons;
  },
};

/** The longest file name that is used as a label. Every line repeats the label. */
const LONGEST_LABEL = 16;

/**
 * Returns how to read a result and label it: by the file's name, or by a letter if names are long, as those that `run`
 * chooses, or not unique.
 */
function readNamed(
  sources: readonly ResultSource[],
): (source: ResultSource, index: number) => NamedResult {
  const names = sources.map(nameFile);
  const isUnique = new Set(names).size === names.length;
  const isShort = names.every(({ length }) => length <= LONGEST_LABEL);
  if (sources.length === 1 || (isUnique && isShort)) {
    return (source) => ({ label: nameFile(source), ...summariseFile(source) });
  }
  return (source, index) => ({
    label: nameByLetter(index),
    file: nameSource(source),
    ...summariseFile(source),
  });
}

/** Returns `a` to `z`, then `a2` and so on. */
function nameByLetter(index: number): string {
  const letter = String.fromCharCode('a'.charCodeAt(0) + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26) + 1}`;
}

function nameFile(source: ResultSource): string {
  if (typeof source !== 'string') return source.name;
  const path = source.replace(/\.gz$/i, '');
  return basename(path, extname(path));
}

/** Returns the baseline's settings, overridden by flags. */
function readSettings([first]: readonly NamedResult[], args: CommandArgs): CompareRecord {
  const own = first === undefined ? undefined : liftHeader(first.header).compare;
  const primary = readText(args, 'primary');
  const relative = readText(args, 'relative');
  const absolute = readText(args, 'absolute');
  const across = readText(args, 'across');
  return {
    ...DEFAULT_COMPARE,
    ...own,
    ...(primary === undefined ? {} : { primary: readPrimary(primary) }),
    ...(relative === undefined ? {} : { relative: readRelative(relative) }),
    ...(absolute === undefined ? {} : { absoluteUs: readAbsolute(absolute) }),
    ...(across === undefined ? {} : { across: readAcross(across) }),
  };
}

function readAcross(value: string): Across[] {
  return value.split(',').map((text) => {
    const found = ACROSS.find((known) => known === text.trim());
    if (found !== undefined) return found;
    const known = ACROSS.join(', ');
    throw new UsageError('BAD_FLAG', `--across must be some of ${known}, got "${value}"`);
  });
}

function readPrimary(value: string): NonNullable<CompareRecord['primary']> {
  const figure = parseFigure(value);
  if ('fault' in figure)
    throw new UsageError('BAD_FLAG', `--primary ${describeGot(figure.fault, `"${value}"`)}`);
  return figure;
}

function readRelative(value: string): number {
  const share = Number(value);
  if (value.trim() !== '' && share >= 0 && share <= 10) return share;
  throw new UsageError(
    'BAD_FLAG',
    `--relative must be a share from 0 to 10 (0.05 for 5 %), got "${value}"`,
  );
}

function readAbsolute(value: string): number {
  if (DURATION_PATTERN.test(value)) return parseDuration(value);
  throw new UsageError('BAD_FLAG', `--absolute must be a duration such as 1ms, got "${value}"`);
}

/**
 * Throws ConnstormError, with a line for each objection to comparing the sides. Its exit code is 104, unless the only
 * objections are invalid sides or searches that were cut off. Then it is the exit code that `report` has for such a
 * result.
 */
function refuse(
  groups: readonly Side[][],
  settings: CompareRecord,
  {
    findObjections,
    stops,
  }: { findObjections: (a: Side, b: Side) => string[]; stops: readonly ExitReason[] },
): void {
  const lines = groups.flatMap(([baseline, ...others]) =>
    baseline === undefined ? [] : others.flatMap((other) => findObjections(other, baseline)),
  );
  if (lines.length === 0) return;
  const invalid = groups.flat().flatMap((side) => findInvalid(side, settings));
  const cut = groups.flat().flatMap(findCutSearch);
  const isFlawed = lines.every((line) => invalid.includes(line) || cut.includes(line));
  const isInvalid = lines.some((line) => invalid.includes(line));
  const flaw = pickReason([...stops, ...(isInvalid ? ['invalid' as const] : [])]);
  const message = [
    ...new Set(lines),
    'they are not compared; --force compares them in spite of this, and marks the comparison',
  ].join('\n');
  throw new ConnstormError(isFlawed ? flaw : 'usage', 'NOT_COMPARABLE', message);
}

/**
 * Returns the reasons for the exit code. A side that is slower than the baseline, or has fewer connects a second, is a
 * regression.
 */
function findReasons(
  compared: readonly Comparison[],
  capacities: readonly CapacityRatio[],
  needsVerdict: boolean,
): ExitReason[] {
  const verdicts = [...compared.filter(({ primary }) => primary), ...capacities].map(
    ({ verdict }) => verdict,
  );
  const isUnknown = verdicts.some(
    (verdict) => verdict === 'inconclusive' || verdict === 'descriptive',
  );
  const isWorse = verdicts.some((verdict) => verdict === 'slower' || verdict === 'fewer');
  return [
    ...(isWorse ? ['regression' as const] : []),
    ...(needsVerdict && (isUnknown || verdicts.length === 0) ? ['inconclusive' as const] : []),
  ];
}

interface Compared {
  results: readonly NamedResult[];
  /** Path of each result. */
  paths: readonly string[];
  groups: readonly Side[][];
  compared: readonly Comparison[];
  capacities: readonly CapacityRatio[];
  reasons: readonly ExitReason[];
}

function print(
  { results, paths, groups, compared, capacities, reasons }: Compared,
  json: boolean,
  io: CommandIo,
): void {
  if (json) {
    const record = {
      type: 'comparison',
      version: 1,
      connstorm: readVersion(),
      exitCode: decideExitCode(reasons),
      comparison: compared,
      capacity: capacities,
      sides: groups.flat().map(describeSide),
      results: results.map(({ label, header }, index) => ({
        name: label,
        scenario: header.scenario,
        measured: findOrigin(header, paths[index] ?? null),
      })),
    };
    io.stdout.write(`${renderJson(record)}\n`);
    return;
  }
  const style = outputStyle(io.stdout, io.env);
  io.stdout.write(renderComparisonReport({ results, groups, compared, capacities }, style));
}

/** Returns what JSON shows of a side beside its figures. */
function describeSide({ name, summary }: Side): Record<string, unknown> {
  const { roundsPlanned, validity, accounting, rates, sessions, cost, capacity } = summary;
  return { name, roundsPlanned, validity, accounting, rates, sessions, cost, capacity };
}
