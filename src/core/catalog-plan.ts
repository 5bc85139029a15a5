import type { CabinetMember } from './ports.js';

/** A stored document as a member of a catalog. */
export interface CatalogDocument {
  /** `V2\<PackageID>.sdp` */
  readonly name: string;
  readonly modified: string;
  readonly sha256: string;
  readonly path: string;
}

/** A catalog cabinet as it is to be written, without the bytes of its documents. */
export interface CatalogPlan {
  /** The XML at the root: every document again, in the order of the groups. */
  readonly root: { readonly name: string; readonly modified: string };
  readonly certificates: readonly CabinetMember[];
  /** What is packed, and kept packed, together. In PackageID order, group after group. */
  readonly groups: readonly (readonly CatalogDocument[])[];
  /** Manifest and categories. */
  readonly lists: readonly CabinetMember[];
  /** `one`: a single folder in the cabinet, as vendors' own have. */
  readonly folders: CatalogFolders;
}

export type CatalogFolders = 'many' | 'one';

export interface WrittenCatalog {
  readonly sizeBytes: number;
  /** Groups that were packed now, and those that had been before. */
  readonly packed: number;
  readonly reused: number;
}
