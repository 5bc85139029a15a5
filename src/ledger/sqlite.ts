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
  type SqliteStatement,
} from 'kysely';
import Database from 'libsql';
import { checkedValues } from './checked-values.js';

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
  constructor(database: Database.Database) {
    super({ database: refusingUnsafeValues(database as unknown as SqliteDatabase) });
    this.#database = database;
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

/** Statements that are kept; those of batches have as many texts as there are sizes. */
const MOST_STATEMENTS = 200;

/** A statement is prepared once. One that failed is not used again: the driver may have left it unfinished. */
function refusingUnsafeValues(database: SqliteDatabase): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const statement = kept.get(sql) ?? database.prepare(sql);
    if (kept.size >= MOST_STATEMENTS) kept.clear();
    kept.set(sql, statement);
    return statement;
  };
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = prepare(sql);
      const checked = <T>(parameters: readonly unknown[], use: (values: readonly unknown[]) => T): T => {
        const values = checkedValues(parameters, sql);
        try {
          return use(values);
        } catch (error) {
          kept.delete(sql);
          throw error;
        }
      };
      return {
        reader: statement.reader,
        all: (parameters) => checked(parameters, (values) => statement.all(values)),
        run: (parameters) => checked(parameters, (values) => statement.run(values)),
        iterate: (parameters) => checked(parameters, (values) => statement.iterate(values)),
      };
    },
  };
}
