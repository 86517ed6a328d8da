#!/usr/bin/env node
import { existsSync } from 'node:fs';

const cli = new URL('../dist/cli.js', import.meta.url);
const { main } = await import(cli.href).catch((error) => {
  if (!existsSync(cli)) {
    console.error('connstorm is not built: run npm run build');
    process.exit(1);
  }
  // Where too few files may be open not even that can be loaded, and Node may call a package missing that is there.
  if (!['EMFILE', 'ENFILE', 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(error.code))
    throw error;
  const why = error.code.endsWith('FILE') ? `too many open files (${error.code})` : error.message;
  console.error(`connstorm: cannot be loaded: ${why}: raise ulimit -n, or install it anew`);
  process.exit(104);
});

await main(process.argv.slice(2));
