import type { Transaction } from 'kysely';
import { PermanentError, RetryableError } from '../core/errors.js';
import type { LedgerWriter } from '../core/ports.js';
import { withHopTimes } from '../core/hops.js';
import type { InstallerRecord, PublicationRecord } from '../core/records.js';
import { writeDueTimes } from './due-times.js';
import { enqueue, enqueueNew } from './enqueue.js';
import { importedWriter } from './imported.js';
import { prepared } from './prepared.js';
import { createReader } from './reader.js';
import { decodeRecord, encodeRecord, sameFile } from './rows.js';
import type { Schema } from './schema.js';
import { setAsideWriter } from './set-aside.js';

/** The effects of one transaction. Rows are replaced under their key, except where a record is write-once. */
export function createWriter(tx: Transaction<Schema>): LedgerWriter {
  return {
    ...createReader(tx),
    async putSetting(name, value) {
      await tx
        .insertInto('settings')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
    },
    async putFeedState(record) {
      const { productId, feedIndex } = record;
      await putFeedState(tx, { productId, feedIndex, record: encodeRecord(record) });
    },
    async putRelease(record) {
      const row = {
        product_id: record.productId,
        version: record.version,
        seen_at: record.seenAt,
        record: encodeRecord(record),
      };
      await tx
        .insertInto('releases')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['product_id', 'version']).doUpdateSet({ record: row.record }),
        )
        .execute();
    },
    putInstaller: (record) => putInstaller(tx, record),
    async putTrustRecord(record) {
      const row = { product_id: record.productId, record: encodeRecord(record) };
      await tx
        .insertInto('trust_records')
        .values(row)
        .onConflict((conflict) => conflict.column('product_id').doUpdateSet({ record: row.record }))
        .execute();
    },
    async putUpdate(record) {
      const row = {
        package_id: record.packageId,
        product_id: record.productId,
        variant: record.variant,
        created_at: record.createdAt,
        record: encodeRecord(record),
      };
      await tx
        .insertInto('updates')
        .values(row)
        .onConflict((conflict) => conflict.column('package_id').doUpdateSet({ record: row.record }))
        .execute();
    },
    async putRevision(record) {
      const row = { package_id: record.packageId, revision: record.revision, record: encodeRecord(record) };
      await tx
        .insertInto('revisions')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['package_id', 'revision']).doUpdateSet({ record: row.record }),
        )
        .execute();
    },
    putPublication: (record) => putPublication(tx, record),
    async putCatalogRevision(record) {
      const row = { target: record.target, number: record.number, record: encodeRecord(record) };
      await tx.insertInto('catalog_revisions').values(row).execute();
    },
    async forgetCatalogRevisions(target, upTo) {
      await tx
        .deleteFrom('catalog_revisions')
        .where('target', '=', target)
        .where('number', '<=', upTo)
        .execute();
    },
    async putDecision(record) {
      const row = {
        id: record.id,
        work_key: record.workKey,
        decided_at: record.decidedAt,
        record: encodeRecord(record),
      };
      await tx
        .insertInto('decisions')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },
    async appendAudit(entry) {
      await tx.insertInto('audit').values(entry).execute();
    },
    enqueue: (job, now) => enqueue(tx, job, now),
    enqueueNew: (jobs, now) => enqueueNew(tx, jobs, now),
    ...writeDueTimes(tx),
    ...importedWriter(tx),
    ...setAsideWriter(tx),
  };
}

const putFeedState = prepared((db, row: { productId: string; feedIndex: number; record: string }) =>
  db
    .insertInto('feed_states')
    .values({ product_id: row.productId, feed_index: row.feedIndex, record: row.record })
    .onConflict((conflict) =>
      conflict.columns(['product_id', 'feed_index']).doUpdateSet({ record: row.record }),
    ),
);

/**
 * A publication never goes back to an older revision, whatever a slow turn still believes: RetryableError `ledger.busy`,
 * and its next try sees what stands. The first statement takes the row's lock, so that what is read after it stands. When
 * it came to each hop is kept here, whoever moves it.
 */
async function putPublication(tx: Transaction<Schema>, record: PublicationRecord): Promise<void> {
  const row = { target: record.target, package_id: record.packageId, record: encodeRecord(record) };
  await tx
    .insertInto('publications')
    .values(row)
    .onConflict((conflict) => conflict.columns(['target', 'package_id']).doUpdateSet({ target: row.target }))
    .execute();
  const query = tx.selectFrom('publications').select('record').where('target', '=', record.target);
  const held = await query.where('package_id', '=', record.packageId).executeTakeFirstOrThrow();
  const before = decodeRecord<PublicationRecord>(held.record);
  if (before.revision > record.revision) {
    throw new RetryableError('ledger.busy', 'a later revision was published meanwhile', {
      where: `${record.packageId} at ${record.target}`,
      expected: `revision ${before.revision} or later`,
      found: `revision ${record.revision}`,
    });
  }
  await tx
    .updateTable('publications')
    .set({ record: encodeRecord(withHopTimes(record, before)) })
    .where('target', '=', record.target)
    .where('package_id', '=', record.packageId)
    .execute();
}

async function putInstaller(tx: Transaction<Schema>, record: InstallerRecord): Promise<void> {
  const { numInsertedOrUpdatedRows: inserted } = await tx
    .insertInto('installers')
    .values({
      product_id: record.productId,
      version: record.version,
      variant: record.variant,
      sha256: record.sha256,
      record: encodeRecord(record),
    })
    .onConflict((conflict) => conflict.columns(['product_id', 'version', 'variant']).doNothing())
    .executeTakeFirstOrThrow();
  if (inserted === 1n) return;
  const held = await tx
    .selectFrom('installers')
    .select('record')
    .where('product_id', '=', record.productId)
    .where('version', '=', record.version)
    .where('variant', '=', record.variant)
    .executeTakeFirstOrThrow();
  const first = decodeRecord<InstallerRecord>(held.record);
  if (sameFile(first, record)) return;
  throw new PermanentError('installer.mismatch', 'other bytes for a version that is already known', {
    where: `${record.productId} ${record.version} ${record.variant}`,
    expected: `sha256 ${first.sha256}`,
    found: `sha256 ${record.sha256}`,
    nextStep: 'ask the vendor why the file changed; the bytes first seen stay the ones that are published',
  });
}
