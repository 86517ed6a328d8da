#!/usr/bin/env node
const { main } = await import('../dist/cli.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes('dist/cli.js')) throw error;
  console.error('connstorm is not built: run npm run build');
  process.exit(1);
});

await main(process.argv.slice(2));
