import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('V8 knows all the flags that it is given', () => {
  const tune = fileURLToPath(new URL('../dist/v8-flags.js', import.meta.url));
  const script = "const { tuneV8 } = await import(process.argv[1]); tuneV8(); console.log('tuned')";
  const args = ['--input-type=module', '-e', script, tune];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  // It says so on standard error where it does not know one.
  expect({ stdout, stderr }).toEqual({ stdout: 'tuned\n', stderr: '' });
});
