#!/usr/bin/env node
// An old Node must be able to read this file to its end: no import statement, no await, nothing newer than import().
const NEEDED = '20.19';

if (isOlder(process.versions.node, NEEDED)) {
  console.error(
    `connstorm needs Node ${NEEDED} or later, and this is ${process.versions.node}: install a newer one`,
  );
  process.exit(104);
}

import('../dist/cli.js').then(
  ({ main }) => main(process.argv.slice(2)),
  (error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes('dist/cli.js')) {
      throw error;
    }
    console.error('connstorm is not built: run npm run build');
    process.exit(1);
  },
);

/** @param {string} version @param {string} than */
function isOlder(version, than) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [least = 0, leastMinor = 0] = than.split('.').map(Number);
  return major < least || (major === least && minor < leastMinor);
}
