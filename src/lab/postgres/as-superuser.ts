import pg from 'pg';

const CONNECT_TIMEOUT_MS = 30_000;

/** Runs `use` with a connection of the lab's superuser, which ends with it. Rejects with the server's or pg's error. */
export async function asSuperuser<T>(
  superuserUrl: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: superuserUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // These two also keep out PGSSLMODE and PGOPTIONS, which are not meant for the lab.
    ssl: false,
    options: '-c default_transaction_read_only=off',
  });
  // If the server ends, the query fails too and reports it.
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
