/** One version that a vendor shipped, as its feed tells it. Everything in it is untrusted text. */
export interface Release {
  readonly version: string;
  readonly prerelease: boolean;
  /** ISO 8601, or null when the feed does not say. */
  readonly publishedAt: string | null;
  readonly assets: readonly ReleaseAsset[];
  readonly notesUrl: string | null;
  readonly withdrawn: boolean;
  /** Vulnerabilities that its release notes name (`CVE-2026-12345`); absent: none, or the feed has no notes. */
  readonly cveIds?: readonly string[];
  /** The version is what the file itself says: every file of this release must say it. */
  readonly isVersionInFile?: true;
  /** What a second source says of this version; absent: none was asked, or it does not know the version. */
  readonly secondVantage?: SecondVantage;
}

/** A second source's word on the files of one version: it confirms digests, it never names what is fetched. */
export interface SecondVantage {
  /** The type of its feed: `winget`. */
  readonly type: string;
  readonly version: string;
  readonly assets: readonly ReleaseAsset[];
}

export interface ReleaseAsset {
  readonly name: string;
  readonly url: string;
  readonly sizeBytes: number | null;
  /** ISO 8601 UTC, where its host was asked. */
  readonly modified?: string;
  readonly digests: {
    readonly sha1: string | null;
    readonly sha256: string | null;
    readonly sha512: string | null;
  };
}

/** What a feed answered, for a pure reader: the caller has already bounded its size. */
export interface FeedResponse {
  readonly status: number;
  /** The address after redirects. */
  readonly finalUrl: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a second source states of one file. */
export interface StatedDigest {
  readonly type: string;
  readonly sha256: string;
}

/**
 * Of the file at that address, else of the one that has its name, when that name tells the version (`setup.exe` is
 * anyone's). Null where the second vantage states nothing of it, or not one thing.
 */
export function statedBySecondVantage(
  { secondVantage, version }: Release,
  file: { readonly url: string; readonly name: string },
): StatedDigest | null {
  if (secondVantage === undefined) return null;
  const { type, assets } = secondVantage;
  const sameAddress = assets.filter(({ url }) => hrefOf(url) === hrefOf(file.url));
  const isTelling = digitsOf(file.name).includes(digitsOf(version));
  const sameName = isTelling ? assets.filter(({ name }) => name === file.name) : [];
  const same = sameAddress.length > 0 ? sameAddress : sameName;
  const [sha256, ...others] = new Set(same.map(({ digests }) => digests.sha256));
  return sha256 && others.length === 0 ? { type, sha256 } : null;
}

function hrefOf(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}
