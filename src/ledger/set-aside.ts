import type { Transaction } from 'kysely';
import type { SetAsideReader, SetAsideWriter } from '../core/retention.js';
import type { Database } from './prepared.js';
import type { Schema } from './schema.js';

/** Whatever a record says as text: a digest that stands in one is needed, in whichever member. */
const NAMING = [
  'feed_states',
  'releases',
  'installers',
  'updates',
  'revisions',
  'catalog_revisions',
  'imported_catalogs',
  'imported_packages',
] as const;

export function setAsideReader(db: Database): SetAsideReader {
  return {
    async setAsideBefore(time, limit) {
      const rows = await db
        .selectFrom('set_aside')
        .select('sha256')
        .where('since', '<', time.toISOString())
        .orderBy('since')
        .limit(limit)
        .execute();
      return rows.map(({ sha256 }) => sha256);
    },
    async isNamed(sha256) {
      for (const table of NAMING) {
        const row = await db
          .selectFrom(table)
          .select('record')
          .where('record', 'like', `%${sha256}%`)
          .limit(1)
          .executeTakeFirst();
        if (row !== undefined) return true;
      }
      const settings = db.selectFrom('settings').select('name').where('value', 'like', `%${sha256}%`);
      return (await settings.limit(1).executeTakeFirst()) !== undefined;
    },
  };
}

export function setAsideWriter(tx: Transaction<Schema>): SetAsideWriter {
  return {
    async setAside(sha256s, now) {
      const since = now.toISOString();
      for (const sha256 of sha256s) {
        await tx
          .insertInto('set_aside')
          .values({ sha256, since })
          .onConflict((conflict) => conflict.column('sha256').doUpdateSet({ since }))
          .execute();
      }
    },
    async dropSetAside(sha256s) {
      if (sha256s.length === 0) return;
      await tx.deleteFrom('set_aside').where('sha256', 'in', sha256s).execute();
    },
  };
}
