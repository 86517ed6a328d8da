import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { resolveTarget, type TargetRequest } from '../../../../src/targets/naming/resolve.ts';

let folder: string;
let env: Record<string, string>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-service-'));
  mkdirSync(join(folder, 'home'));
  mkdirSync(join(folder, 'system'));
  write('home/.pg_service.conf', '[mine]\nhost=10.0.0.1\nport=1\nuser=me\n[both]\nport=2\n');
  write('system/pg_service.conf', '[both]\nport=3\n[theirs]\nhost=10.0.0.3\nuser=they\n');
  write('other', '[other]\nhostaddr=10.0.0.4\nsslmode=require\nport=4\n');
  env = {
    HOME: join(folder, 'home'),
    PGSYSCONFDIR: join(folder, 'system'),
    PGPASSFILE: '/nonexistent',
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** `FOLDER` stands for the folder of these files. */
async function resolve(
  text: string | undefined,
  over: Record<string, string> = {},
  sslmode?: 'disable',
) {
  const added = Object.entries(over).map(([name, value]) => [
    name,
    value.replace('FOLDER', folder),
  ]);
  const request: TargetRequest = {
    text: text?.replace('FOLDER', folder),
    env: { ...env, ...Object.fromEntries(added) },
    sslmode,
  };
  const resolved = await resolveTarget(request, async () => ['10.0.0.9']);
  const [host] = resolved?.hosts ?? [];
  if (resolved === undefined || host === undefined) throw new Error('no target was named');
  return { ...host.target, warnings: resolved.warnings };
}

describe('a service', () => {
  it.each<[string, string | undefined, Record<string, string>, string]>([
    ['of the connection string', 'service=mine', {}, 'me@10.0.0.1:1'],
    ['of a URL', 'postgres:///?service=mine', {}, 'me@10.0.0.1:1'],
    ['of PGSERVICE', undefined, { PGSERVICE: 'mine' }, 'me@10.0.0.1:1'],
    [
      'of the string before PGSERVICE',
      'service=theirs',
      { PGSERVICE: 'mine' },
      'they@10.0.0.3:5432',
    ],
    ['of the system', 'service=theirs', {}, 'they@10.0.0.3:5432'],
    ['of the user before the system', 'service=both user=u', {}, 'u@10.0.0.9:2'],
    [
      'of the file in PGSERVICEFILE',
      'service=other user=u',
      { PGSERVICEFILE: 'FOLDER/other' },
      'u@10.0.0.4:4',
    ],
    [
      'of the file in servicefile=',
      'service=other user=u servicefile=FOLDER/other',
      { PGSERVICEFILE: '/x' },
      'u@10.0.0.4:4',
    ],
    [
      'of the system beside PGSERVICEFILE',
      'service=theirs',
      { PGSERVICEFILE: 'FOLDER/other' },
      'they@10.0.0.3:5432',
    ],
    ['yields to what is explicit', 'service=mine port=7', {}, 'me@10.0.0.1:7'],
    [
      'outranks the environment',
      'service=mine',
      { PGPORT: '8', PGUSER: 'x', PGHOST: 'h', PGHOSTADDR: '10.0.0.8' },
      'me@10.0.0.1:1',
    ],
    ['leaves the rest to the environment', 'service=theirs', { PGPORT: '8' }, 'they@10.0.0.3:8'],
    [
      'of PGSERVICE does not send a host elsewhere',
      'host=10.0.0.7 user=u',
      { PGSERVICE: 'other', PGSERVICEFILE: 'FOLDER/other' },
      'u@10.0.0.7:4',
    ],
    [
      'of the string does, as its hostaddr says',
      'host=db service=other user=u',
      { PGSERVICEFILE: 'FOLDER/other' },
      'u@10.0.0.4:4',
    ],
  ])('%s', async (_, text, over, expected) => {
    const { user, address, port } = await resolve(text, over);
    expect(`${user}@${address}:${port}`).toBe(expected);
  });

  it.each<[string | undefined, Record<string, string>, RegExp]>([
    [
      'service=mien',
      {},
      /^target: service: no service "mien" in .*home\/\.pg_service\.conf and .*system\/pg_service\.conf: define it there, .*; did you mean `mine`\?$/,
    ],
    [
      "service=''",
      {},
      /^target: service is empty: name a section of a service file, or leave it out$/,
    ],
    [
      'service=mine',
      { HOME: '/nonexistent', PGSYSCONFDIR: '/nonexistent' },
      /^target: service: no service "mine": there is neither a ~\/\.pg_service\.conf nor/,
    ],
    [undefined, { PGSERVICE: 'nowhere' }, /^PGSERVICE: no service "nowhere" in/],
    ['host=h', { PGSERVICE: 'nowhere' }, /^PGSERVICE: no service "nowhere" in/],
    [
      'service=mine',
      { PGSERVICEFILE: '/nonexistent/f' },
      /^service file \/nonexistent\/f cannot be read \(ENOENT\)/,
    ],
    [
      'service=mine servicefile=/nonexistent/g',
      {},
      /^service file \/nonexistent\/g cannot be read/,
    ],
  ])('that is not there is refused: %s %o', async (text, over, message) => {
    const error: unknown = await resolve(text, over).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(message);
  });

  it('may ask for a connect_timeout and an encoding, as the string may', async () => {
    write('more', '[more]\nhost=10.0.0.1\nuser=u\nconnect_timeout=7\nclient_encoding=LATIN1\n');
    const asked = { ...env, PGSERVICE: 'more', PGSERVICEFILE: join(folder, 'more') };
    const others = { PGCONNECT_TIMEOUT: '8', PGCLIENTENCODING: 'UTF8' };
    const resolved = await resolveTarget({ env: { ...asked, ...others } });
    expect(resolved?.connectTimeoutS).toBe(7);
    expect(resolved?.hosts[0]?.target.clientEncoding).toBe('LATIN1');
  });

  it('is blamed for a wrong value by file and line', async () => {
    write('wrong', '[w]\nhost=h\nport=many\n');
    await expect(resolve('service=w', { PGSERVICEFILE: 'FOLDER/wrong' })).rejects.toThrow(
      `service "w" (${folder}/wrong, line 3): port must be a number from 1 to 65535`,
    );
  });

  it("may ask for an sslmode, which the scenario's outranks with a line", async () => {
    const asked = { PGSERVICE: 'other', PGSERVICEFILE: 'FOLDER/other', PGSSLMODE: 'prefer' };
    expect(await resolve('user=u', asked)).toMatchObject({ sslmode: 'require', warnings: [] });
    expect(await resolve('user=u', asked, 'disable')).toMatchObject({
      sslmode: 'disable',
      warnings: [
        `service "other" (${folder}/other, line 3): sslmode=require is ignored: connection.sslmode is disable`,
      ],
    });
  });
});
