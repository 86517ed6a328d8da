import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENT } from '../../src/commands/output/environment.ts';
import { EXIT_MEANINGS } from '../../src/errors.ts';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { expectLines } from '../support/cli/cli-output.ts';

const COMMANDS = [
  'run',
  'scenarios',
  'validate',
  'schema',
  'report',
  'compare',
  'check',
  'inspect',
  'calibrate',
  'lab',
];

describe.each([60, 80, 120])('help at %i columns', (columns) => {
  it.each([[], ...COMMANDS.map((name) => [name])])('of %s fits', async (...name) => {
    const { code, stdout, stderr } = await runInProcess([...name, '--help'], { columns });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(['connstorm', ...name].join(' '));
    expectLines(stdout, columns);
  });
});

describe('help where no terminal tells its width', () => {
  it.each([[], ...COMMANDS.map((name) => [name])])('of %s fits COLUMNS', async (...name) => {
    const { stdout } = await runInProcess([...name, '--help'], { env: { COLUMNS: '60' } });
    expectLines(stdout, 60);
    expect(await runInProcess([...name, '--help'], { columns: 60 })).toMatchObject({ stdout });
  });
});

describe('help', () => {
  it.each(COMMANDS)('of %s is what `help` says of it, and -h', async (name) => {
    const asked = await runInProcess([name, '--help']);
    expect(await runInProcess(['help', name])).toEqual(asked);
    expect(await runInProcess([name, '-h'])).toEqual(asked);
    expect(await runInProcess(['--help', name])).toEqual(asked);
    expect(await runInProcess(['-h', name])).toEqual(asked);
  });

  it('is what connstorm says without a command', async () => {
    const asked = await runInProcess(['--help']);
    expect(await runInProcess([])).toEqual(asked);
    expect(await runInProcess(['help'])).toEqual(asked);
  });

  it.each(COMMANDS)('of %s says in a sentence what each flag does', async (name) => {
    const { stdout } = await runInProcess([name, '--help'], { columns: 2000 });
    const wide = stdout.replace(/\n {10,}/g, ' ');
    const flags = wide.split('\n').filter((line) => /^ +(?:-\w, )?--/.test(line));
    expect(flags.length).toBeGreaterThanOrEqual(2);
    for (const flag of flags) {
      expect(flag).toMatch(/--[\w-]+ +[A-Z].*[.)]\s+\[(string|boolean|array)\]/);
    }
  });

  it('lists the variables and the exit codes', async () => {
    const { stdout } = await runInProcess(['--help'], { columns: 100 });
    for (const names of Object.keys(ENVIRONMENT)) expect(stdout).toContain(names);
    expect(stdout).toContain('~/.pgpass');
    for (const { meaning } of EXIT_MEANINGS) expect(stdout).toContain(meaning);
  });

  it.each(['run', 'inspect'])('of %s says who can see a target', async (name) => {
    const { stdout } = await runInProcess([name, '--help']);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toMatch(
      /can see the target in the process list: give passwords in PGPASSWORD or ~\/\.pgpass/,
    );
  });

  it('is in English everywhere, and so are the messages that are made from it', async () => {
    const before = process.env.LC_ALL;
    process.env.LC_ALL = 'de_DE.UTF-8';
    try {
      expect((await runInProcess(['run', '--help'])).stdout).toContain('Options:');
      expect((await runInProcess(['run', '--rat'])).stderr).toContain('unknown flag --rat');
    } finally {
      if (before === undefined) delete process.env.LC_ALL;
      else process.env.LC_ALL = before;
    }
  });
});

it.each([['-v'], ['run', '-v'], ['report', '--version']])(
  '%s %s tells the version',
  async (...args) => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    expect(await runInProcess(args)).toEqual({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
  },
);

describe('variables', () => {
  const SRC = fileURLToPath(new URL('../../src', import.meta.url));
  /** Those that connstorm sets for the command of an event. */
  const FOR_COMMANDS = ['CONNSTORM_HOST', 'CONNSTORM_PORT', 'CONNSTORM_USER', 'CONNSTORM_DATABASE'];

  it('that the code reads are all documented', () => {
    const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' });
    const read = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap(
        (file) => readFileSync(join(SRC, file), 'utf8').match(/CONNSTORM_[A-Z_]*[A-Z]/g) ?? [],
      );
    expect(read.length).toBeGreaterThan(5);
    const own = read.filter((name) => !FOR_COMMANDS.includes(name));
    expect([...new Set(own)].filter((name) => !Object.hasOwn(ENVIRONMENT, name))).toEqual([]);
  });

  it.each(['CONNSTORM_YES', 'CONNSTORM_DEBUG'])(
    'says that %s is neither on nor off',
    async (name) => {
      for (const value of ['', '0', '1']) {
        const { stderr } = await runInProcess(['scenarios'], { env: { [name]: value } });
        expect(stderr).toBe('');
      }
      for (const value of ['maybe', 'true', 'yes']) {
        const { stderr, code } = await runInProcess(['scenarios'], { env: { [name]: value } });
        expect(stderr).toBe(
          `connstorm: ${name} must be 1 (on) or 0 (off). It is neither, and is ignored\n`,
        );
        expect(code).toBe(0);
      }
    },
  );

  it('that are misspelt are told, and the command goes on', async () => {
    const env = { CONNSTORM_RAET: '5', CONNSTORM_XYZZY: '1', CONNSTORM_SEED: '2' };
    const { code, stdout, stderr } = await runInProcess(['validate', 'steady'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'steady: ok\n' });
    expect(stderr).toBe(
      'connstorm: CONNSTORM_RAET is not a variable of connstorm and is ignored; did you mean `CONNSTORM_RATE`?\n' +
        'connstorm: CONNSTORM_XYZZY is not a variable of connstorm and is ignored\n',
    );
  });
});

describe('a variable', () => {
  const tell = async (name: string): Promise<string> => {
    const { stderr } = await runInProcess(['validate', 'steady'], { env: { [name]: 'hush' } });
    return stderr;
  };

  it.each([
    ['CONSTORM_RATE', 'connstorm', 'CONNSTORM_RATE'],
    ['CONNSTROM_TARGET', 'connstorm', 'CONNSTORM_TARGET'],
    ['CONNSTORMRATE', 'connstorm', 'CONNSTORM_RATE'],
    ['connstorm_seed', 'connstorm', 'CONNSTORM_SEED'],
    ['PGPASWORD', 'libpq', 'PGPASSWORD'],
    ['PGHOSTT', 'libpq', 'PGHOST'],
    ['pgport', 'libpq', 'PGPORT'],
    ['PGSSL_MODE', 'libpq', 'PGSSLMODE'],
  ])('%s is told as nearly one of %s: %s', async (name, whose, meant) => {
    expect(await tell(name)).toBe(
      `connstorm: ${name} is not a variable of ${whose} and is ignored; did you mean \`${meant}\`?\n`,
    );
  });

  it.each([
    'PGDATA',
    'PGBOUNCER_PORT',
    'PGADMIN_MAIL',
    'PG_CONFIG',
    'PGTZ',
    'CONSTRUCTOR_RATE',
    'CONDA_RATE',
  ])("%s is somebody else's, or known", async (name) => {
    expect(await tell(name)).toBe('');
  });
});

describe('a switch given twice', () => {
  it('is one', async () => {
    const args = ['run', 'steady', '--dry-run', '--json', '--json', '--dry-run'];
    const { code, stdout } = await runInProcess(args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'dryRun' });
  });

  it('is what is said last', async () => {
    const { stdout } = await runInProcess(['run', 'steady', '--dry-run', '--json', '--json=false']);
    expect(stdout).toMatch(/^dry run of steady/);
  });
});
