import type { Transaction } from 'kysely';
import type {
  ImportedCatalog,
  ImportedPackage,
  ImportedReader,
  ImportedWriter,
  PackageEdits,
} from '../core/imported.js';
import type { Database } from './prepared.js';
import { decodedAll, decodeRecord, encodeRecord } from './rows.js';
import type { Schema } from './schema.js';

const ROWS_AT_ONCE = 200;

export function importedReader(db: Database): ImportedReader {
  return {
    async importedCatalogs() {
      const rows = await db.selectFrom('imported_catalogs').select('record').orderBy('source').execute();
      return decodedAll<ImportedCatalog>(rows);
    },
    async importedPackages(source) {
      let query = db.selectFrom('imported_packages').select('record').orderBy('package_id');
      if (source !== undefined) query = query.where('source', '=', source);
      return decodedAll<ImportedPackage>(await query.execute());
    },
    async importedPackage(packageId) {
      const row = await db
        .selectFrom('imported_packages')
        .select('record')
        .where('package_id', '=', packageId)
        .executeTakeFirst();
      return row === undefined ? null : decodeRecord<ImportedPackage>(row.record);
    },
    async packageEdits() {
      const rows = await db.selectFrom('package_edits').select('record').orderBy('package_id').execute();
      return decodedAll<PackageEdits>(rows);
    },
  };
}

export function importedWriter(tx: Transaction<Schema>): ImportedWriter {
  return {
    async putImportedCatalog(record) {
      const row = { source: record.source, record: encodeRecord(record) };
      await tx
        .insertInto('imported_catalogs')
        .values(row)
        .onConflict((conflict) => conflict.column('source').doUpdateSet({ record: row.record }))
        .execute();
    },
    async putImportedPackages(records) {
      for (let first = 0; first < records.length; first += ROWS_AT_ONCE) {
        const rows = records.slice(first, first + ROWS_AT_ONCE).map((record) => ({
          package_id: record.packageId,
          source: record.source,
          record: encodeRecord(record),
        }));
        await tx
          .insertInto('imported_packages')
          .values(rows)
          .onConflict((conflict) =>
            conflict.column('package_id').doUpdateSet((row) => ({
              source: row.ref('excluded.source'),
              record: row.ref('excluded.record'),
            })),
          )
          .execute();
      }
    },
    async putPackageEdits(packageId, edits) {
      if (edits === null) {
        await tx.deleteFrom('package_edits').where('package_id', '=', packageId).execute();
        return;
      }
      const row = { package_id: packageId, record: encodeRecord(edits) };
      await tx
        .insertInto('package_edits')
        .values(row)
        .onConflict((conflict) => conflict.column('package_id').doUpdateSet({ record: row.record }))
        .execute();
    },
  };
}
