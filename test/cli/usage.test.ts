import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { expectPlain } from '../support/cli/cli-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STEADY = ['run', 'steady', '--rate', '50', '--duration', '400ms'];

describe('wrong usage is one line and exit code 104', () => {
  beforeAll(() => {
    writeFileSync(
      join(folder, 'field.yaml'),
      'shows: x\nload:\n  executor: constant-arrival-rate\n  rat: 5\n  duration: 1s\n',
    );
    writeFileSync(
      join(folder, 'stages.yaml'),
      'shows: x\nload:\n  executor: ramping-arrival-rate\n  stages: []\n',
    );
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['rnu'], /unknown command "rnu" \(did you mean "run"\?\)/],
    ['an unknown flag', ['run', '--rat', '5'], /unknown flag --rat; did you mean `--rate`\?/],
    [
      'an unknown flag of another command',
      ['check', 'x', '--budgt', 'x'],
      /did you mean `--budget`/,
    ],
    ['an unknown flag that is like none', ['run', '--xyzzy'], /unknown flag --xyzzy: see --help/],
    ['an unknown flag with a value', ['run', '--rat=5'], /unknown flag --rat; did you mean/],
    [
      'an unknown flag before the only file',
      ['report', '--jsn', 'x.ndjson'],
      /unknown flag --jsn; did you mean `--json`/,
    ],
    ['the same of a command without such flags', ['validate', '--jsn', 'x'], /unknown flag --jsn/],
    ['an unknown letter before the only file', ['check', '-j', 'x'], /unknown flag -j/],
    ['a known flag and no file', ['report', '--json'], /: name at least one file: see --help/],
    ['an unknown letter', ['run', '-x'], /unknown flag -x: see --help/],
    [
      'an unknown letter with a value',
      ['run', 'steady', '-Wsecret'],
      /unknown flag -W: see --help/,
    ],
    ['no command before --', ['--', 'run', 'steady'], /write the command before --/],
    ['a flag that is negated', ['run', '--no-json'], /--no-json; leave --json out instead/],
    ['a switch with a value', ['run', 'stedy', '--json=yes'], /--json takes no value, got "yes"/],
    ['a flag without a command', ['--json'], /unknown flag --json/],
    [
      'help for two words',
      ['help', 'run', 'extra'],
      /^connstorm: help takes the name of one command and nothing else, got "extra"/,
    ],
    [
      '--version with an argument',
      ['--version', 'extra'],
      /--version takes no other arguments: see/,
    ],
    ['-v with a command', ['-v', 'run'], /--version takes no other arguments: see --help/],
    ['--version within a command', ['run', 'steady', '--version'], /--version takes no other arg/],
    ['--version with a flag', ['schema', '--bogus', '--version'], /--version takes no other arg/],
    [
      'a limit for the login of a server, and no server',
      ['inspect', 'lab', '--max-scram-iterations', '5'],
      /--max-scram-iterations is for a server that is given, and this would inspect the lab/,
    ],
    ['help with a flag', ['help', '--json'], /^connstorm: help takes .*, got "--json"/],
    [
      '--help for two words',
      ['--help', 'run', '--json'],
      /^connstorm: --help takes .*, got "--json"/,
    ],
    ['help for what is no command', ['help', 'rnu'], /unknown command "rnu" .*"run"/],
    [
      'a target as the scenario',
      ['run', 'postgres://u:pw@h/x'],
      /a scenario is expected here: .*--target/,
    ],
    [
      'a DSN as the scenario',
      ['run', 'host=h password=pw'],
      /a scenario is expected here: .*--target/,
    ],
    ['a target as the command', ['postgres://u:pw@h/x'], /no command is given: .*--target/],
    ['an unknown built-in scenario', ['scenarios', 'stedy'], /did you mean `steady`/],
    ['a lab flag without its value', ['lab', '--setting'], /--setting needs a value/],
    ['a flag before another', ['run', '--rate', '--json'], /--rate needs a value/],
    ['nothing to report', ['report'], /name at least one file/],
    ['--overwrite alone', [...STEADY, '--overwrite'], /--overwrite is for --out FILE/],
    [
      '--overwrite of standard output',
      [...STEADY, '--overwrite', '--out', '-'],
      /--overwrite is for --out FILE, and --out - writes to none/,
    ],
    [
      'a result that would be packed',
      [...STEADY, '--out', 'r.ndjson.GZ'],
      /r\.ndjson\.GZ would be plain text, because results are not packed while they are written: write r\.ndjson with --out, and pack it afterwards/,
    ],
    [
      'the same of a dry run',
      [...STEADY, '--out', 'r.gz', '--dry-run'],
      /r\.gz would be plain text, because /,
    ],
    [
      'two targets to inspect',
      ['inspect', 'postgres://a/x', '--target', 'postgres://b/x'],
      /the target must be given once/,
    ],
    ['two more', ['inspect', 'postgres://a/x', 'postgres://b/x'], /one argument too many/],
    ['an unknown scenario', ['run', 'stedy'], /stedy.*steady/],
    [
      'no name of a scenario',
      ['run', ''],
      /: a scenario, by its name or file, is expected here, got/,
    ],
    [
      'no name to validate',
      ['validate', ''],
      /: a scenario, by its name or file, is expected here/,
    ],
    [
      'no name of a result',
      ['report', ''],
      /: a result file is expected here, got an empty text$/m,
    ],
    ['no name to compare', ['compare', 'x', ''], /: a result file is expected here, got an empty/],
    ['an empty --pin', ['run', 'steady', '--pin', ''], /--pin must be generator=CPUS .*, got ""/],
    ['an unknown field', ['run', join(folder, 'field.yaml')], /field\.yaml:4:3 .*rat.*rate/],
    ['an unknown field in --set', ['run', 'steady', '--set', 'load.rat=5'], /rat.*rate/],
    ['empty stages', ['run', join(folder, 'stages.yaml')], /stages\.yaml:4:11 load\.stages/],
    [
      'a rate of 0',
      ['run', 'steady', '--rate', '0'],
      /--rate 0: load\.rate must be above 0, got 0/,
    ],
    ['a negative rate', ['run', 'steady', '--rate=-5'], /load\.rate must be above 0, got -5/],
    [
      'a rate that is no number',
      ['run', 'steady', '--rate', 'abc'],
      /load\.rate must be a number, got "abc"/,
    ],
    ['a rate of NaN', ['run', 'steady', '--rate', 'NaN'], /load\.rate must be a number, got/],
    [
      'a flag without its value',
      ['run', 'steady', '--rate'],
      /: --rate needs a value: see --help$/m,
    ],
    [
      'a flag given twice',
      ['run', 'steady', '--rate', '5', '--rate', '6'],
      /--rate must be given once/,
    ],
    ['--rate for a ramp', ['run', 'quickstart', '--rate', '5'], /ambiguous/],
    [
      '--rate for a search',
      ['run', '--rate', '5'],
      /chooses its rates and its duration itself.*or run steady/,
    ],
    [
      '--quick with a time that its steps do not fit in',
      ['run', 'saturate', '--quick', '--set', 'load.maxDuration=11s', '--dry-run'],
      /at least 6 times stepDuration \(2s\), got 11s/,
    ],
    ['--quick for no search', ['run', 'steady', '--quick'], /--quick shortens a saturation-search/],
    [
      '--explain of no report',
      ['run', 'steady', '--explain', '--json'],
      /with --json there is none: use one/,
    ],
    [
      '--explain, quiet',
      ['run', 'steady', '--explain', '--quiet'],
      /with --quiet there is none: use one/,
    ],
    [
      '--explain, dry',
      ['run', 'steady', '--explain', '--dry-run'],
      /with --dry-run there is none: use one/,
    ],
    [
      '--explain, piped',
      ['run', 'steady', '--explain', '--out', '-'],
      /with --out - there is none: use one/,
    ],
    [
      'a search that is repeated',
      ['run', 'saturate', '--repeat', '2'],
      /repeat cannot be used with saturation-search, .*, got 2: leave it at 1/,
    ],
    [
      'a reserve that is no number',
      ['run', 'steady', '--reserve', 'x', '--target', 'postgres://127.0.0.1:1/x'],
      /--reserve must be a whole number/,
    ],
    [
      'a scenario behind --pin',
      ['run', '--pin', 'generator=0', 'steady'],
      /--pin must be generator=CPUS or server=CPUS.*got "steady"/,
    ],
    [
      'CPUs for a server that is not the lab',
      ['run', 'steady', '--pin', 'server=0', '--target', 'postgres://127.0.0.1:1/x'],
      /--pin (server= is only for the lab|needs|works)/,
    ],
    ['a target that is no URL', ['run', 'steady', '--target', 'localhost'], /target/i],
    [
      'a target that is not ours, unconfirmed',
      [...STEADY, '--target', 'postgres://u:pw@192.0.2.1/db'],
      /192\.0\.2\.1.*50 connects\/s.*--yes/,
    ],
    [
      'a key=value target that is not ours, unconfirmed',
      [...STEADY, '--target', "pooled=host=127.0.0.1,192.0.2.1 user=u password='pw x'"],
      /127\.0\.0\.1:5432 and 192\.0\.2\.1:5432 with up to 50 connects\/s.*--yes/,
    ],
    [
      'a keyword written wrong',
      [...STEADY, '--target', 'hots=127.0.0.1 password=pw'],
      /unknown keyword "hots"; did you mean `host`/,
    ],
    [
      'a target given twice',
      [...STEADY, '--target', 'host=a password=pw', '--target', 'postgres://u:pw@b'],
      /--target gives the role direct twice: .*--target pooled=URL/,
    ],
    [
      'a variant that wants a target which is not given',
      ['run', 'drivers', '--set', 'variants.pg.target=pooled', '--target', 'postgres://u:pw@b'],
      /variant pg wants the target pooled, and there is only direct: .*--target pooled=URL/,
    ],
    [
      'a target that nothing uses',
      [...STEADY, '--target', 'host=a password=pw', '--target', 'pooled=postgres://u:pw@b'],
      /--target pooled=\.\.\. is not used by this scenario/,
    ],
    ['no rounds', ['run', 'drivers', '--repeat', '0'], /--repeat 0: repeat must be at least 1/],
    [
      'a driver for variants that have their own',
      ['run', 'drivers', '--driver', 'pg'],
      /--driver pg: ambiguous: variants wire, pg set connection\.driver themselves/,
    ],
    ['a target without a value', [...STEADY, '--target', ''], /--target must have a value/],
    ['two that want standard output', [...STEADY, '--json', '--out', '-'], /--out - and --json/],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await runInProcess(args);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/pw/);
    expectPlain(stderr);
    expect(code).toBe(104);
  });
});
