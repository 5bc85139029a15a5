import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { checkedValues } from './checked-values.js';

const MOST_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 10_000;
/** No statement of the ledger takes so long: a server that hangs is an outage. */
const QUERY_TIMEOUT_MS = 60_000;

/** The ledger of several hosts. Its transactions are serializable, as those of the embedded one are by nature. */
export function postgresDialect(databaseUrl: string): Dialect {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'patchpress',
  });
  // A connection that dies has left the pool by itself, and its next query says so; unheard, the event would end the
  // process. Idle ones tell the pool, those in a transaction tell nobody but themselves.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new PostgresDialect({ pool: refusingUnsafeValues(pool) });
}

function refusingUnsafeValues(pool: pg.Pool): PostgresPool {
  return {
    end: () => pool.end(),
    async connect(): Promise<PostgresPoolClient> {
      const client = await pool.connect();
      // Kysely asks with SQL and parameters; of cursors, the other form of its interface, the ledger uses none.
      const query = (sql: string, parameters: readonly unknown[]) =>
        client.query(sql, [...checkedValues(parameters, sql, { mayBeBoolean: true })]);
      return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release() };
    },
  };
}
