import type { LanguageFragment } from '../../../sus/fragments/index.js';
import type { ServedDriver } from './drivers.js';

export type DeploymentAction = 'Install' | 'PreDeploymentCheck' | 'Evaluate' | 'Bundle';

/** One revision of an update or category as clients are told of it. */
export interface ServedUpdate {
  /** The server's own number of this revision: `UpdateInfo/ID`. */
  readonly revisionId: number;
  /** Another number space: `Deployment/ID`. */
  readonly deploymentId: number;
  /** Lower case. */
  readonly updateId: string;
  readonly revision: number;
  readonly isCategory: boolean;
  /** Of a driver: told in the driver pass alone, to a computer that has such a device. Absent: no driver. */
  readonly drivers?: readonly ServedDriver[];
  readonly action: DeploymentAction;
  /** When its deployment changed last. ISO 8601. */
  readonly changedAt: string;
  /** AND of ORs of lower-case update ids. */
  readonly prerequisites: readonly (readonly string[])[];
  /** Lower-case ids of its members; absent: it is no bundle. */
  readonly bundled?: readonly string[];
  readonly core: string;
  readonly extended: string;
  readonly localized: readonly LanguageFragment[];
  readonly eulas?: readonly LanguageFragment[];
  /** Base64 SHA-1 and the extension of each file. */
  readonly files: readonly { readonly digest: string; readonly extension: string }[];
}

/** The same among all others. */
export interface ListedUpdate extends ServedUpdate {
  /** Its prerequisites as clients name them: AND of ORs of revision ids; what is not served meets nothing. */
  readonly clauses: readonly (readonly number[])[];
}

/** Everything that clients may be told now: one revision, the newest, of each update that is not expired. */
export interface ServedCatalogue {
  readonly updates: readonly ListedUpdate[];
  byRevisionId(id: number): ServedUpdate | null;
  byUpdateId(id: string): ServedUpdate | null;
  readonly hasDrivers: boolean;
  /** False: some update names it as a prerequisite. */
  isLeaf(updateId: string): boolean;
  /** Of all deployments. ISO 8601, or empty. */
  readonly lastChangeAt: string;
}

export function createCatalogue(updates: readonly ServedUpdate[]): ServedCatalogue {
  const byRevision = new Map(updates.map((update) => [update.revisionId, update]));
  const byId = new Map(updates.map((update) => [update.updateId, update]));
  const named = new Set(updates.flatMap((update) => update.prerequisites.flat()));
  const idsOf = (clause: readonly string[]) => clause.flatMap((id) => byId.get(id)?.revisionId ?? []);
  const listed = updates.map((update) => ({ ...update, clauses: update.prerequisites.map(idsOf) }));
  return {
    updates: listed.sort((a, b) => a.revisionId - b.revisionId),
    hasDrivers: updates.some(({ drivers }) => drivers !== undefined),
    byRevisionId: (id) => byRevision.get(id) ?? null,
    byUpdateId: (id) => byId.get(id.toLowerCase()) ?? null,
    isLeaf: (updateId) => !named.has(updateId),
    lastChangeAt:
      updates
        .map(({ changedAt }) => changedAt)
        .sort()
        .at(-1) ?? '',
  };
}

/** `/Content/<last two hex digits>/<SHA-1>.<extension>`, upper case. */
export function contentPath(digest: string, extension: string): string {
  const hex = Buffer.from(digest, 'base64').toString('hex').toUpperCase();
  return `/Content/${hex.slice(-2)}/${hex}.${extension}`;
}
