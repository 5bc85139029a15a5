/** One package of another vendor's catalog, as it was imported last. */
export interface ImportedPackage {
  /** What the administrator calls the catalog that it is from. */
  readonly source: string;
  /** Lower case; kept as the vendor gave it, for one publisher owns it from end to end. */
  readonly packageId: string;
  readonly creationDate: string;
  /** The document byte for byte, in the content store. */
  readonly sdpSha256: string;
  readonly vendor: string;
  readonly product: string;
  readonly title: string;
  readonly isExpired: boolean;
  /** `withdrawn`: the vendor's newest catalog does not have it any more. */
  readonly state: 'present' | 'withdrawn';
  readonly importedAt: string;
}

/** A catalog that was imported. */
export interface ImportedCatalog {
  readonly source: string;
  /** Of the file that was imported last; null: it was a folder. */
  readonly fileSha256: string | null;
  /** DER of the signers of its installers, in the content store. */
  readonly certificates: readonly { readonly thumbprint: string; readonly sha256: string }[];
  readonly importedAt: string;
}

/** What an administrator says otherwise than the vendor. It is kept apart and survives every import. */
export interface PackageEdits {
  readonly packageId: string;
  readonly editedAt: string;
  readonly title?: string;
  readonly description?: string;
  readonly classification?: string;
  /** `None` takes the vendor's away. */
  readonly severity?: string;
  readonly vendor?: string;
  readonly product?: string;
  /** Beside what the vendor's document says. */
  readonly supersedes?: readonly string[];
  /** Left out of what is exported. */
  readonly hidden?: boolean;
}

/** What the ledger keeps of other vendors' catalogs. */
export interface ImportedReader {
  importedCatalogs(): Promise<readonly ImportedCatalog[]>;
  /** In the order of their ids; of one source, or of all. */
  importedPackages(source?: string): Promise<readonly ImportedPackage[]>;
  importedPackage(packageId: string): Promise<ImportedPackage | null>;
  packageEdits(): Promise<readonly PackageEdits[]>;
}

export interface ImportedWriter {
  putImportedCatalog(record: ImportedCatalog): Promise<void>;
  putImportedPackages(records: readonly ImportedPackage[]): Promise<void>;
  /** Null: everything is as the vendor says again. */
  putPackageEdits(packageId: string, edits: PackageEdits | null): Promise<void>;
}
