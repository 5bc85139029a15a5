import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type Dialect,
  type DialectAdapter,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import Database from 'libsql';
import { SqliteConnection } from './sqlite-connection.js';

/** The driver waits with the event loop stopped, so it waits briefly; the ledger tries again without blocking. */
const BUSY_TIMEOUT_MS = 25;

/**
 * The embedded ledger in WAL mode. `synchronous=NORMAL` keeps the file whole at a power cut; what is acknowledged is
 * flushed by `flush.ts`, not by each commit, because a commit that waits for the disk stops the event loop.
 */
export function sqliteDialect(file: string): Dialect {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const database = new Database(file);
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma('foreign_keys = ON');
  return new ImmediateSqliteDialect(database);
}

/**
 * `begin immediate`, because a deferred transaction that later turns into a writer fails at once instead of waiting.
 * The three run without a prepared statement: one that found the database busy is never reset by the driver, and every
 * later commit of the connection would fail on it ("SQL statements in progress").
 */
class ImmediateSqliteDriver extends SqliteDriver {
  readonly #database: Database.Database;
  readonly #connection: SqliteConnection;
  constructor(database: Database.Database) {
    super({ database: database as unknown as SqliteDatabase });
    this.#database = database;
    this.#connection = new SqliteConnection(database);
  }
  /** Kysely's own lock, and our connection in place of its own. */
  override async acquireConnection(): Promise<SqliteConnection> {
    await super.acquireConnection();
    return this.#connection;
  }
  override async beginTransaction(): Promise<void> {
    this.#database.exec('begin immediate');
  }
  override async commitTransaction(): Promise<void> {
    this.#database.exec('commit');
  }
  /** After a full disk or an I/O error SQLite has rolled back by itself, and the first error is the one to tell. */
  override async rollbackTransaction(): Promise<void> {
    if (this.#database.inTransaction) this.#database.exec('rollback');
  }
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #database: Database.Database;
  constructor(database: Database.Database) {
    super({ database: database as unknown as SqliteDatabase });
    this.#database = database;
  }
  override createDriver(): Driver {
    return new ImmediateSqliteDriver(this.#database);
  }
  override createAdapter(): DialectAdapter {
    return new TransactionalDdlAdapter();
  }
}

/**
 * SQLite can create tables within a transaction, and here must: a process killed half way through the first migration
 * leaves nothing, and two that start at once wait for each other.
 */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
