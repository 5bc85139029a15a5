import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely';
import Database from 'libsql';
import { PermanentError } from '../core/errors.js';

/** The driver waits with the event loop stopped, so it waits briefly; the ledger tries again without blocking. */
const BUSY_TIMEOUT_MS = 100;

/** The embedded ledger: WAL with `synchronous=FULL`, so that an acknowledged row survives a power cut. */
export function sqliteDialect(file: string): Dialect {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  database.pragma('foreign_keys = ON');
  return new ImmediateSqliteDialect({
    database: refusingUnsafeValues(database as unknown as SqliteDatabase),
  });
}

/** `begin immediate`: a deferred transaction that later turns into a writer fails at once instead of waiting. */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;
  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }
  override createDriver(): Driver {
    return new ImmediateSqliteDriver(this.#config);
  }
}

/** The driver aborts the process on a bound boolean and stores NaN and undefined as NULL; so none of these gets there. */
function refusingUnsafeValues(database: SqliteDatabase): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(checked(parameters, sql)),
        run: (parameters) => statement.run(checked(parameters, sql)),
        iterate: (parameters) => statement.iterate(checked(parameters, sql)),
      };
    },
  };
}

function checked(parameters: readonly unknown[], sql: string): readonly unknown[] {
  for (const value of parameters) {
    const fits = value === null || typeof value === 'string' || Number.isSafeInteger(value);
    if (!fits) {
      throw new PermanentError('ledger.refused-value', 'a value that the ledger cannot hold', {
        where: sql.slice(0, 120),
        expected: 'text, a safe integer or null',
        found: `${typeof value} ${String(value)}`,
      });
    }
  }
  return parameters;
}
