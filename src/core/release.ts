/** One version that a vendor shipped, as its feed tells it. Everything in it is untrusted text. */
export interface Release {
  readonly version: string;
  readonly prerelease: boolean;
  /** ISO 8601, or null when the feed does not say. */
  readonly publishedAt: string | null;
  readonly assets: readonly ReleaseAsset[];
  readonly notesUrl: string | null;
  readonly withdrawn: boolean;
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

/**
 * The SHA-256 that the second vantage states of a file: of the same address, else of the one file with that name. Null
 * where it states none, or several.
 */
export function vantageSha256(
  { secondVantage }: Release,
  file: { url: string; name: string },
): string | null {
  const assets = secondVantage?.assets.filter(({ digests }) => digests.sha256 !== null) ?? [];
  const sameAddress = assets.filter(({ url }) => hrefOf(url) === hrefOf(file.url));
  const same = sameAddress.length > 0 ? sameAddress : assets.filter(({ name }) => name === file.name);
  const stated = new Set(same.map(({ digests }) => digests.sha256));
  return stated.size === 1 ? (same[0]?.digests.sha256 ?? null) : null;
}

function hrefOf(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}
