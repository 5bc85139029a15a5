import type { LabDatabase } from '../database.js';
import { toldOf } from '../served.js';
import type { DeploymentAction, ServedUpdate } from '../wusp/catalogue.js';
import type { ImportedDocument } from './documents.js';

/** By lower-case update id: how an administrator has approved it, where that is not as it comes. */
export type Approvals = ReadonlyMap<string, 'Install' | 'PreDeploymentCheck' | 'Declined'>;

/**
 * What clients are told of imported documents. Numbers are given once and kept: a client's cache is by them. An expired or
 * declined update is not told of.
 */
export function serveDocuments(
  documents: readonly ImportedDocument[],
  approvals: Approvals,
  numbers: RevisionNumbers,
): readonly ServedUpdate[] {
  const children = new Set(documents.flatMap(({ bundled }) => bundled));
  return documents
    .filter(({ isExpired, updateId }) => !isExpired && approvals.get(updateId) !== 'Declined')
    .map((document) => ({
      ...numbers.of(document.updateId, document.revision),
      updateId: document.updateId,
      revision: document.revision,
      isCategory: document.updateType === 'Category',
      ...(document.updateType === 'Driver' && { drivers: document.drivers }),
      bundled: document.bundled,
      action: actionOf(document, children, approvals),
      ...toldOf(document.document),
      files: document.files.map(({ digest, fileName }) => ({ digest, extension: extensionOf(fileName) })),
    }));
}

/**
 * [MS-WUSP] 2.2.2.2.4 as a server gives it: what is only looked at is Evaluate, a member of a bundle that nobody can approve
 * by itself is Bundle; everything else is approved, unless told otherwise.
 */
function actionOf(
  { updateType, updateId, isExplicitlyDeployable }: ImportedDocument,
  children: ReadonlySet<string>,
  approvals: Approvals,
): DeploymentAction {
  if (updateType === 'Category' || updateType === 'Detectoid') return 'Evaluate';
  if (children.has(updateId) && !isExplicitlyDeployable) return 'Bundle';
  return approvals.get(updateId) === 'PreDeploymentCheck' ? 'PreDeploymentCheck' : 'Install';
}

export function extensionOf(fileName: string): string {
  return (/\.([0-9A-Za-z]{1,10})$/.exec(fileName)?.[1] ?? 'bin').toLowerCase();
}

/** The server's own numbers of revisions. */
export interface RevisionNumbers {
  of(
    updateId: string,
    revision: number,
  ): { readonly revisionId: number; readonly deploymentId: number; readonly changedAt: string };
}

const FIRST_REVISION_ID = 1000;
/** Another number space. */
const DEPLOYMENT_DISTANCE = 950;

interface NumberRow {
  readonly revision_id: number;
  readonly deployment_id: number;
  readonly changed_at: string;
}

export function openRevisionNumbers(database: LabDatabase, now: Date): RevisionNumbers {
  const known = database.prepare(
    'select revision_id, deployment_id, changed_at from revisions where update_id = ? and revision = ?',
  );
  const highest = database.prepare('select max(revision_id) as id from revisions');
  const add = database.prepare(
    'insert into revisions (update_id, revision, revision_id, deployment_id, changed_at) values (?, ?, ?, ?, ?)',
  );
  let next = ((highest.get() as { readonly id: number | null }).id ?? FIRST_REVISION_ID - 1) + 1;
  return {
    of(updateId, revision) {
      const row = known.get(updateId, revision) as NumberRow | undefined;
      if (row !== undefined)
        return { revisionId: row.revision_id, deploymentId: row.deployment_id, changedAt: row.changed_at };
      const fresh = {
        revisionId: next,
        deploymentId: next - DEPLOYMENT_DISTANCE,
        changedAt: now.toISOString(),
      };
      add.run(updateId, revision, fresh.revisionId, fresh.deploymentId, fresh.changedAt);
      next += 1;
      return fresh;
    },
  };
}
