import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const MODULE = new URL('../../../dist/probes/proc/own-process.js', import.meta.url);
const COUNT = `
const { countDescriptors } = await import(${JSON.stringify(MODULE.href)});
const { openSync } = await import('node:fs');
countDescriptors();
try { for (;;) openSync('/dev/null'); } catch {}
console.log(countDescriptors());`;

it.runIf(process.platform === 'linux')(
  'counts no more descriptors than the limit allows, although higher ones were inherited',
  () => {
    // They were open before the limit was lowered.
    const script =
      'exec 201</dev/null 202</dev/null; ulimit -n 140; exec "$0" --input-type=module -e "$1"';
    const args = ['-c', script, process.execPath, COUNT];
    const told = execFileSync('bash', args, { encoding: 'utf8' });
    expect(Number(told)).toBe(140);
  },
);
