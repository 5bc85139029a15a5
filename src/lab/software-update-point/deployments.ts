import type { LabDatabase } from './database.js';
import { createCatalogue, type ServedUpdate } from './wusp/catalogue.js';

interface Row {
  readonly revision_id: number;
  readonly action: string;
  readonly is_leaf: number;
  readonly changed_at: string;
}

/**
 * The updates with the time at which their deployment changed last: clients that have a revision are told anew of its action
 * and of whether it is a leaf where either changed since ([MS-WUSP] 3.1.5.7, ChangedUpdates).
 */
export function keepDeployments(
  database: LabDatabase,
  updates: readonly ServedUpdate[],
  now: Date,
): readonly ServedUpdate[] {
  const { isLeaf } = createCatalogue(updates);
  const rows = database.prepare('select * from deployments').all() as Row[];
  const known = new Map(rows.map((row) => [row.revision_id, row]));
  const keep = database.prepare(
    'insert or replace into deployments (revision_id, action, is_leaf, changed_at) values (?, ?, ?, ?)',
  );
  const keepAll = database.transaction(() =>
    updates.map((update) => {
      const { revisionId, action, updateId } = update;
      const row = known.get(revisionId);
      const leaf = isLeaf(updateId) ? 1 : 0;
      if (row?.action === action && row.is_leaf === leaf) return { ...update, changedAt: row.changed_at };
      const changedAt = row === undefined ? update.changedAt : now.toISOString();
      keep.run(revisionId, action, leaf, changedAt);
      return { ...update, changedAt };
    }),
  );
  return keepAll();
}
