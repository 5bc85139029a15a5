import { type Kysely, sql, type Transaction } from 'kysely';
import type { LedgerReader } from '../core/ports.js';
import type { StageName } from '../core/stage.js';
import { decodedAll } from './rows.js';
import type { Schema } from './schema.js';

type Database = Kysely<Schema> | Transaction<Schema>;

/** Values of one `in (...)`. */
const AT_ONCE = 1000;

type StandingQuestions = Pick<
  LedgerReader,
  | 'latestUpdates'
  | 'updatesOf'
  | 'publicationsOf'
  | 'newestReleases'
  | 'releasesOf'
  | 'acquiredOf'
  | 'newestWork'
  | 'countWork'
>;

/** How all products stand: each question is answered in a bounded number of statements, however many products there are. */
export function standing(db: Database): StandingQuestions {
  return { ...updatesAndPublications(db), ...releases(db), ...newestWork(db) };
}

function updatesAndPublications(
  db: Database,
): Pick<StandingQuestions, 'latestUpdates' | 'updatesOf' | 'publicationsOf'> {
  return {
    async latestUpdates() {
      const numbered = db
        .selectFrom('updates')
        .select([
          'record',
          'product_id',
          'variant',
          sql<number>`row_number() over (partition by product_id, variant
          order by created_at desc, package_id desc)`.as('place'),
        ])
        // What stands for a variant is the update of older copies; quotation marks within a text are written otherwise.
        .where('record', 'not like', '%"kind":"install"%');
      const rows = await db
        .selectFrom(numbered.as('numbered'))
        .select('record')
        .where('place', '=', 1)
        .orderBy('product_id')
        .orderBy('variant')
        .execute();
      return decodedAll(rows);
    },
    async updatesOf(packageIds) {
      const rows = await inParts(packageIds, (part) =>
        db.selectFrom('updates').select('record').where('package_id', 'in', part).execute(),
      );
      return decodedAll(rows);
    },
    async publicationsOf(packageIds) {
      const rows = await inParts(packageIds, (part) =>
        db.selectFrom('publications').select('record').where('package_id', 'in', part).execute(),
      );
      return decodedAll(rows);
    },
  };
}

function releases(db: Database): Pick<StandingQuestions, 'newestReleases' | 'releasesOf' | 'acquiredOf'> {
  return {
    async newestReleases() {
      const numbered = db
        .selectFrom('releases')
        .select([
          'product_id',
          'version',
          'seen_at',
          sql<number>`row_number() over (partition by product_id order by seen_at desc, version desc)`.as(
            'place',
          ),
        ]);
      const rows = await db
        .selectFrom(numbered.as('numbered'))
        .select(['product_id', 'version', 'seen_at'])
        .where('place', '=', 1)
        .execute();
      return rows.map((row) => ({ productId: row.product_id, version: row.version, seenAt: row.seen_at }));
    },
    async releasesOf(productIds) {
      const rows = await inParts(productIds, (part) =>
        db.selectFrom('releases').select('record').where('product_id', 'in', part).execute(),
      );
      return decodedAll(rows);
    },
    async acquiredOf(productIds) {
      const rows = await inParts(productIds, (part) =>
        db
          .selectFrom('installers')
          .select(['product_id', 'version', 'variant'])
          .where('product_id', 'in', part)
          .execute(),
      );
      return rows.map(({ product_id: productId, version, variant }) => ({ productId, version, variant }));
    },
  };
}

function newestWork(db: Database): Pick<StandingQuestions, 'newestWork' | 'countWork'> {
  return {
    async newestWork(productIds) {
      const own = await inParts(productIds, (part) =>
        db
          .selectFrom('work')
          .select(({ fn }) => ['stage', 'product', 'variant', fn.max('id').as('id')])
          .where('product', 'in', part)
          .where('package_id', 'is', null)
          .groupBy(['stage', 'product', 'variant'])
          .execute(),
      );
      const ofUpdates = await inParts(productIds, (part) =>
        db
          .selectFrom('updates')
          .innerJoin('work', 'work.package_id', 'updates.package_id')
          .select(({ fn }) => [
            'work.stage as stage',
            'updates.product_id as product',
            'updates.variant as variant',
            fn.max('work.id').as('id'),
          ])
          .where('updates.product_id', 'in', part)
          .groupBy(['work.stage', 'updates.product_id', 'updates.variant'])
          .execute(),
      );
      return [...own, ...ofUpdates].map((row) => ({
        ...row,
        stage: row.stage as StageName,
        product: row.product ?? '',
        id: Number(row.id),
      }));
    },
    async countWork({ stage, keyEnd }) {
      const rows = await db
        .selectFrom('work')
        .select(({ fn }) => [
          sql<string>`case when state = 'ready' and attempt > 0 then 'retrying' else state end`.as(
            'standing',
          ),
          fn.countAll().as('count'),
        ])
        .where('stage', '=', stage)
        .where(sql<boolean>`substr(key, length(key) - ${keyEnd.length - 1}) = ${keyEnd}`)
        .groupBy('standing')
        .execute();
      return Object.fromEntries(rows.map((row) => [row.standing, Number(row.count)]));
    },
  };
}

async function inParts<Row>(
  values: readonly string[],
  ask: (part: string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let first = 0; first < values.length; first += AT_ONCE) {
    for (const row of await ask(values.slice(first, first + AT_ONCE))) rows.push(row);
  }
  return rows;
}
