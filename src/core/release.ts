/** One version that a vendor shipped, as its feed tells it. Everything in it is untrusted text. */
export interface Release {
  readonly version: string;
  readonly prerelease: boolean;
  /** ISO 8601, or null when the feed does not say. */
  readonly publishedAt: string | null;
  readonly assets: readonly ReleaseAsset[];
  readonly notesUrl: string | null;
  readonly withdrawn: boolean;
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
