/** What a server adds to a package before it makes an update of it (UpdateServicesPackage.xsd, UpdateServicesProperties). */
export interface ServerProperties {
  readonly revision: number;
  readonly publisherId: string;
  /** The product categories; none: "Locally published packages". */
  readonly productCategoryIds: readonly string[];
  readonly metadataOnly: boolean;
  readonly minDownloadSizeBytes: number | null;
  readonly maxDownloadSizeBytes: number | null;
  readonly compatibleProtocolVersion: string | null;
  /** By item id in lower case. */
  readonly items: ReadonlyMap<string, ServerItem>;
  readonly bundledUpdates: readonly { readonly updateId: string; readonly revision: number }[];
  /** In place of the items' languages where it is a bundle. */
  readonly bundleLanguages: readonly string[];
}

export interface ServerItem {
  /** `<PackageID>\<item id>` for Windows Installer: where a repair finds the content. */
  readonly installPointDirectory: string | null;
  /** The server's own signed cabinets. */
  readonly files: readonly ServerFile[];
}

export interface ServerFile {
  /** Base64 of the SHA-1. */
  readonly digest: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly modified: string;
  readonly originUri: string | null;
  /** Base64 of the SHA-256. */
  readonly sha256: string | null;
}
