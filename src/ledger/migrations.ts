import type { ColumnDataType, Kysely, Migration, MigrationProvider } from 'kysely';
import { packageIdIn } from './rows.js';
import type { Schema } from './schema.js';

/** One schema for both databases; only the type of a self-numbering key differs. */
export function migrations(database: 'sqlite' | 'postgres'): MigrationProvider {
  return {
    async getMigrations() {
      return {
        '001-first-line': firstLine(database),
        '002-wake-times': WAKE_TIMES,
        '003-schedule': SCHEDULE,
        '004-imported-catalogs': IMPORTED,
        '005-named-wake-ups': NAMED_WAKE_UPS,
        '006-audit-by-subject': AUDIT_BY_SUBJECT,
        '007-set-aside': SET_ASIDE,
      };
    },
  };
}

function firstLine(database: 'sqlite' | 'postgres'): Migration {
  const numbered: ColumnDataType = database === 'sqlite' ? 'integer' : 'serial';
  return {
    async up(db: Kysely<unknown>) {
      const { schema } = db;
      await schema
        .createTable('settings')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute();
      await recordTable(db, 'feed_states', { product_id: 'text', feed_index: 'integer' });
      await recordTable(db, 'releases', { product_id: 'text', version: 'text' }, ['seen_at']);
      await recordTable(db, 'installers', { product_id: 'text', version: 'text', variant: 'text' }, [
        'sha256',
      ]);
      await recordTable(db, 'trust_records', { product_id: 'text' });
      await recordTable(db, 'updates', { package_id: 'text' }, ['product_id', 'variant', 'created_at']);
      await recordTable(db, 'revisions', { package_id: 'text', revision: 'integer' });
      await recordTable(db, 'publications', { target: 'text', package_id: 'text' });
      await recordTable(db, 'catalog_revisions', { target: 'text', number: 'integer' });
      await recordTable(db, 'decisions', { id: 'text' }, ['work_key', 'decided_at']);
      await schema
        .createIndex('decisions_by_work')
        .on('decisions')
        .columns(['work_key', 'decided_at'])
        .execute();
      await schema
        .createIndex('updates_by_product')
        .on('updates')
        .columns(['product_id', 'variant'])
        .execute();
      await schema
        .createTable('audit')
        .addColumn('id', numbered, (column) => column.primaryKey())
        .addColumn('at', 'text', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('action', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('detail', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('work')
        .addColumn('id', numbered, (column) => column.primaryKey())
        .addColumn('stage', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('input', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('token', 'integer', (column) => column.notNull())
        .addColumn('attempt', 'integer', (column) => column.notNull())
        .addColumn('code', 'text')
        .addColumn('reason', 'text')
        .addColumn('next_step', 'text')
        .addColumn('product', 'text')
        .addColumn('version', 'text')
        .addColumn('variant', 'text')
        .addColumn('lease_until', 'text')
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('changed_at', 'text', (column) => column.notNull())
        .addUniqueConstraint('work_once', ['stage', 'key'])
        .execute();
      await schema.createIndex('work_by_state').on('work').columns(['state', 'stage']).execute();
      await schema
        .createTable('outbox')
        .addColumn('id', numbered, (column) => column.primaryKey())
        .addColumn('work_id', 'integer', (column) => column.notNull())
        .addColumn('not_before', 'text')
        .execute();
    },
  };
}

const WAKE_TIMES: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('work').addColumn('wake_at', 'text').execute();
  },
};

/** When each product is asked next, who leads the schedule, and what makes an overview of many products cheap. */
const SCHEDULE: Migration = {
  async up(db: Kysely<unknown>) {
    const { schema } = db;
    await schema
      .createTable('due_times')
      .addColumn('product_id', 'text', (column) => column.primaryKey())
      .addColumn('due_at', 'text', (column) => column.notNull())
      .addColumn('asked_at', 'text')
      .addColumn('rule', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('due_times_by_time').on('due_times').columns(['due_at']).execute();
    await schema
      .createTable('leases')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('token', 'integer', (column) => column.notNull())
      .addColumn('until', 'text', (column) => column.notNull())
      .execute();
    await schema.alterTable('work').addColumn('package_id', 'text').execute();
    await nameUpdatesOfWork(db as Kysely<Schema>);
    await schema.createIndex('work_by_product').on('work').columns(['product', 'stage', 'variant']).execute();
    await schema.createIndex('work_by_update').on('work').columns(['package_id', 'stage']).execute();
    await schema.createIndex('outbox_by_work').on('outbox').columns(['work_id']).execute();
  },
};

/** Other vendors' catalogs, and what an administrator says otherwise. */
const IMPORTED: Migration = {
  async up(db: Kysely<unknown>) {
    await recordTable(db, 'imported_catalogs', { source: 'text' });
    await recordTable(db, 'imported_packages', { package_id: 'text' }, ['source']);
    await recordTable(db, 'package_edits', { package_id: 'text' });
    await db.schema
      .createIndex('imported_packages_by_source')
      .on('imported_packages')
      .columns(['source', 'package_id'])
      .execute();
  },
};

/** A wake-up is named by the work and its token; what is overdue is found by an index, however much work waits. */
const NAMED_WAKE_UPS: Migration = {
  async up(db: Kysely<unknown>) {
    const { schema } = db;
    await schema
      .alterTable('outbox')
      .addColumn('token', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await (db as Kysely<Schema>)
      .updateTable('work')
      .set((row) => ({ wake_at: row.ref('changed_at') }))
      .where('wake_at', 'is', null)
      .execute();
    await schema.dropIndex('work_by_state').execute();
    await schema.createIndex('work_by_state').on('work').columns(['state', 'wake_at']).execute();
  },
};

const AUDIT_BY_SUBJECT: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createIndex('audit_by_subject').on('audit').columns(['subject', 'id']).execute();
  },
};

/** Objects that nobody is known to need any more, and since when. */
const SET_ASIDE: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('set_aside')
      .addColumn('sha256', 'text', (column) => column.primaryKey())
      .addColumn('since', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('set_aside_by_time').on('set_aside').columns(['since']).execute();
  },
};

async function nameUpdatesOfWork(db: Kysely<Schema>): Promise<void> {
  for (const { id, input } of await db.selectFrom('work').select(['id', 'input']).execute()) {
    const packageId = packageIdIn(JSON.parse(input));
    if (packageId === null) continue;
    await db.updateTable('work').set({ package_id: packageId }).where('id', '=', id).execute();
  }
}

async function recordTable(
  db: Kysely<unknown>,
  name: string,
  keys: Readonly<Record<string, 'text' | 'integer'>>,
  columns: readonly string[] = [],
): Promise<void> {
  let table = db.schema.createTable(name);
  for (const [column, type] of Object.entries(keys))
    table = table.addColumn(column, type, (c) => c.notNull());
  for (const column of columns) table = table.addColumn(column, 'text', (c) => c.notNull());
  await table
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint(`${name}_key`, Object.keys(keys) as never)
    .execute();
}
