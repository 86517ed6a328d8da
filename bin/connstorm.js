#!/usr/bin/env node
// An old Node must be able to read this file to its end: no import statement, no await, nothing newer than import().
const NEEDED = '20.19';

if (isOlder(process.versions.node, NEEDED)) {
  console.error(
    `connstorm needs Node ${NEEDED} or later, and this is ${process.versions.node}: install a newer one`,
  );
  process.exit(104);
}

import('../dist/cli.js').then(({ main }) => main(process.argv.slice(2)), tellWhyNotLoaded);

/** @param {NodeJS.ErrnoException} error */
function tellWhyNotLoaded(error) {
  return Promise.all([import('node:fs'), import('node:path')]).then(([fs, path]) => {
    const root = path.dirname(path.dirname(fs.realpathSync(process.argv[1] || '')));
    if (!fs.existsSync(path.join(root, 'dist', 'cli.js'))) {
      console.error('connstorm is not built: run npm run build');
      process.exit(1);
    }
    // Where too few files may be open not even that can be loaded, and Node may call a package missing that is there.
    const code = error.code || '';
    const codes = ['EMFILE', 'ENFILE', 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];
    if (codes.indexOf(code) < 0) throw error;
    const why = code.endsWith('FILE')
      ? `too many open files (${code}): raise ulimit -n`
      : `${error.message}: raise ulimit -n, or install it anew`;
    console.error(`connstorm: cannot be loaded: ${why}`);
    process.exit(104);
  });
}

/** @param {string} version @param {string} than */
function isOlder(version, than) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [least = 0, leastMinor = 0] = than.split('.').map(Number);
  return major < least || (major === least && minor < leastMinor);
}
