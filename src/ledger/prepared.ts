import type { Compilable, CompiledQuery, Kysely, QueryResult, Transaction } from 'kysely';
import type { Schema } from './schema.js';
import type { OneRowQuery } from './sqlite-connection.js';

export type Database = Kysely<Schema> | Transaction<Schema>;

/** Where a parameter of that name stands in a compiled statement. */
class Place {
  constructor(readonly name: string) {}
}

const PLACES = new Proxy({}, { get: (_, name) => new Place(String(name)) });

/**
 * A statement that is compiled once for each database and then only bound: for one row, building and compiling it takes
 * longer than running it. `build` sees where the parameters stand, never their values, so it must not look at them.
 * `one`: it answers with one row at most.
 */
export function prepared<Parameters extends Readonly<Record<string, string | number | null>>, Row>(
  build: (db: Database, parameters: Parameters) => Compilable<Row>,
  rows: 'many' | 'one' = 'many',
): (db: Database, parameters: Parameters) => Promise<QueryResult<Row>> {
  const compiledFor = new WeakMap<object, CompiledQuery<Row>>();
  return (db, parameters) => {
    const { adapter } = db.getExecutor();
    const compiled = compiledFor.get(adapter) ?? build(db, PLACES as Parameters).compile();
    compiledFor.set(adapter, compiled);
    const values = compiled.parameters.map((one) => (one instanceof Place ? parameters[one.name] : one));
    const query: OneRowQuery<Row> = { ...compiled, parameters: values, isOneRow: rows === 'one' };
    return db.executeQuery(query);
  };
}
