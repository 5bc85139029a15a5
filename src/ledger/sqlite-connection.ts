import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type Database from 'libsql';
import { checkedValues } from './checked-values.js';

interface Kept {
  readonly statement: Database.Statement;
  /** It answers with rows. */
  readonly isReader: boolean;
}

/** A statement that is known to answer with one row at most: the driver gives it in one call instead of through a cursor. */
export interface OneRowQuery<Row = unknown> extends CompiledQuery<Row> {
  readonly isOneRow: boolean;
}

/** Statements that are kept; those of batches have as many texts as there are sizes. */
const MOST_STATEMENTS = 200;

/** A statement is prepared once. One that failed is not used again: the driver may have left it unfinished. */
export class SqliteConnection implements DatabaseConnection {
  readonly #kept = new Map<string, Kept>();
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery | OneRowQuery): Promise<QueryResult<Row>> {
    const { sql } = query;
    const values = checkedValues(query.parameters, sql);
    const { statement, isReader } = this.#prepare(sql);
    try {
      if (!isReader) return { numAffectedRows: BigInt(statement.run(values).changes), rows: [] };
      if (!('isOneRow' in query && query.isOneRow)) return { rows: statement.all(values) as Row[] };
      const row = statement.get(values) as Row | undefined;
      return { rows: row === undefined ? [] : [row] };
    } catch (error) {
      this.#kept.delete(sql);
      throw error;
    }
  }

  // biome-ignore lint/correctness/useYield: the ledger reads no cursors, which its databases offer in different ways.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('the ledger reads no cursors');
  }

  #prepare(sql: string): Kept {
    const kept = this.#kept.get(sql);
    if (kept !== undefined) return kept;
    if (this.#kept.size >= MOST_STATEMENTS) this.#kept.clear();
    const statement = this.#database.prepare(sql);
    const fresh = { statement, isReader: statement.reader };
    this.#kept.set(sql, fresh);
    return fresh;
  }
}
