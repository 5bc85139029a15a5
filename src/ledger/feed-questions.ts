import type { LedgerReader } from '../core/ports.js';
import { type Database, prepared } from './prepared.js';
import { decoded, decodedAll } from './rows.js';

export function settingsAndFeeds(db: Database): Pick<LedgerReader, 'setting' | 'feedState' | 'feedStates'> {
  return {
    async setting(name) {
      return (await settingNamed(db, { name })).rows[0]?.value ?? null;
    },
    async feedState(productId, feedIndex) {
      return decoded((await feedState(db, { productId, feedIndex })).rows[0]);
    },
    async feedStates() {
      return decodedAll(await db.selectFrom('feed_states').select('record').orderBy('product_id').execute());
    },
  };
}

// What each poll of a feed asks is compiled once.
const settingNamed = prepared(
  (db, { name }: { name: string }) => db.selectFrom('settings').select('value').where('name', '=', name),
  'one',
);
const feedState = prepared(
  (db, { productId, feedIndex }: { productId: string; feedIndex: number }) =>
    db
      .selectFrom('feed_states')
      .select('record')
      .where('product_id', '=', productId)
      .where('feed_index', '=', feedIndex),
  'one',
);
const versionsOfProduct = prepared((db, { productId }: { productId: string }) =>
  db.selectFrom('releases').select('version').where('product_id', '=', productId),
);
const releaseOfVersion = prepared(
  (db, { productId, version }: { productId: string; version: string }) =>
    db
      .selectFrom('releases')
      .select('record')
      .where('product_id', '=', productId)
      .where('version', '=', version),
  'one',
);
const installersOfRelease = prepared((db, { productId, version }: { productId: string; version: string }) =>
  db
    .selectFrom('installers')
    .select('record')
    .where('product_id', '=', productId)
    .where('version', '=', version)
    .orderBy('variant'),
);

export function releasesAndTrust(
  db: Database,
): Pick<
  LedgerReader,
  'release' | 'releases' | 'releaseVersions' | 'installer' | 'installers' | 'trustRecord'
> {
  return {
    async release(productId, version) {
      return decoded((await releaseOfVersion(db, { productId, version })).rows[0]);
    },
    async releases(productId) {
      return decodedAll(
        await db.selectFrom('releases').select('record').where('product_id', '=', productId).execute(),
      );
    },
    async releaseVersions(productId) {
      return (await versionsOfProduct(db, { productId })).rows;
    },
    async installer(productId, version, variant) {
      const row = await db
        .selectFrom('installers')
        .select('record')
        .where('product_id', '=', productId)
        .where('version', '=', version)
        .where('variant', '=', variant)
        .executeTakeFirst();
      return decoded(row);
    },
    async installers(productId, version) {
      return decodedAll((await installersOfRelease(db, { productId, version })).rows);
    },
    async trustRecord(productId) {
      const row = await db
        .selectFrom('trust_records')
        .select('record')
        .where('product_id', '=', productId)
        .executeTakeFirst();
      return decoded(row);
    },
  };
}
