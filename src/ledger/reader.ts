import type { ExpressionBuilder } from 'kysely';
import type { LedgerReader } from '../core/ports.js';
import type { TargetName } from '../core/publication.js';
import type { WorkRecord } from '../core/records.js';
import { dueTimes } from './due-times.js';
import { releasesAndTrust, settingsAndFeeds } from './feed-questions.js';
import { importedReader } from './imported.js';
import type { Database } from './prepared.js';
import { decoded, decodedAll, workRecord } from './rows.js';
import type { Schema } from './schema.js';
import { setAsideReader } from './set-aside.js';
import { standing } from './standing.js';

/** Every question that the stages, the pages and the command line ask the ledger. */
export function createReader(db: Database): LedgerReader {
  return {
    ...settingsAndFeeds(db),
    ...releasesAndTrust(db),
    ...updates(db),
    ...publications(db),
    ...catalogRevisions(db),
    ...workRows(db),
    ...standing(db),
    ...dueTimes(db),
    ...importedReader(db),
    ...setAsideReader(db),
  };
}

function updates(db: Database): Pick<LedgerReader, 'update' | 'updates' | 'revision' | 'latestRevision'> {
  return {
    async update(packageId) {
      const row = await db
        .selectFrom('updates')
        .select('record')
        .where('package_id', '=', packageId)
        .executeTakeFirst();
      return decoded(row);
    },
    async updates(filter = {}) {
      let query = db.selectFrom('updates').select('record').orderBy('created_at').orderBy('package_id');
      if (filter.productId !== undefined) query = query.where('product_id', '=', filter.productId);
      if (filter.variant !== undefined) query = query.where('variant', '=', filter.variant);
      return decodedAll(await query.execute());
    },
    async revision(packageId, revision) {
      const row = await db
        .selectFrom('revisions')
        .select('record')
        .where('package_id', '=', packageId)
        .where('revision', '=', revision)
        .executeTakeFirst();
      return decoded(row);
    },
    async latestRevision(packageId) {
      const row = await db
        .selectFrom('revisions')
        .select('record')
        .where('package_id', '=', packageId)
        .orderBy('revision', 'desc')
        .limit(1)
        .executeTakeFirst();
      return decoded(row);
    },
  };
}

function publications(
  db: Database,
): Pick<LedgerReader, 'publications' | 'publication' | 'decisions' | 'audit'> {
  return {
    async publications(target) {
      const rows = await db
        .selectFrom('publications')
        .select('record')
        .where('target', '=', target)
        .orderBy('package_id')
        .execute();
      return decodedAll(rows);
    },
    async publication(target, packageId) {
      const row = await db
        .selectFrom('publications')
        .select('record')
        .where('target', '=', target)
        .where('package_id', '=', packageId)
        .executeTakeFirst();
      return decoded(row);
    },
    async decisions(workKey) {
      const rows = await db
        .selectFrom('decisions')
        .select('record')
        .where('work_key', '=', workKey)
        .orderBy('decided_at')
        .execute();
      return decodedAll(rows);
    },
    async audit(subjects) {
      if (subjects.length === 0) return [];
      return db
        .selectFrom('audit')
        .select(['at', 'actor', 'action', 'subject', 'detail'])
        .where('subject', 'in', [...subjects])
        .orderBy('id')
        .execute();
    },
  };
}

function catalogRevisions(
  db: Database,
): Pick<
  LedgerReader,
  'latestCatalogRevision' | 'firstCatalogRevision' | 'catalogRevision' | 'catalogRevisions'
> {
  const of = (target: TargetName) =>
    db.selectFrom('catalog_revisions').select('record').where('target', '=', target);
  return {
    async latestCatalogRevision(target) {
      return decoded(await of(target).orderBy('number', 'desc').limit(1).executeTakeFirst());
    },
    async firstCatalogRevision(target) {
      return decoded(await of(target).orderBy('number').limit(1).executeTakeFirst());
    },
    async catalogRevision(target, number) {
      return decoded(await of(target).where('number', '=', number).executeTakeFirst());
    },
    async catalogRevisions(target) {
      return decodedAll(await of(target).orderBy('number').execute());
    },
  };
}

function workRows(db: Database): Pick<LedgerReader, 'work' | 'countUnfinished' | 'workById'> {
  return {
    async work(filter = {}): Promise<readonly WorkRecord[]> {
      let query = db.selectFrom('work').selectAll().orderBy('id');
      if (filter.states !== undefined) query = query.where('state', 'in', [...filter.states]);
      if (filter.product !== undefined) query = query.where('product', '=', filter.product);
      if (filter.products !== undefined) query = query.where(aboutProducts(db, filter.products));
      if (filter.isTelling === true) {
        query = query.where(({ eb, or }) =>
          or([eb('reason', 'is not', null), eb('version', 'is not', null), eb('package_id', 'is not', null)]),
        );
      }
      return (await query.execute()).map(workRecord);
    },
    async countUnfinished() {
      const { count } = await db
        .selectFrom('work')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('state', 'in', ['ready', 'running', 'waiting'])
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async workById(id) {
      const row = await db.selectFrom('work').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : workRecord(row);
    },
  };
}

function aboutProducts(db: Database, productIds: readonly string[]) {
  return ({ eb, and, or }: ExpressionBuilder<Schema, 'work'>) => {
    const none = and([eb('product', 'is', null), eb('package_id', 'is', null)]);
    if (productIds.length === 0) return none;
    const theirs = db
      .selectFrom('updates')
      .select('package_id')
      .where('product_id', 'in', [...productIds]);
    return or([none, eb('product', 'in', [...productIds]), eb('package_id', 'in', theirs)]);
  };
}
