/** What an update server says of one application, in XML or JSON. */
export interface Offer {
  readonly appId: string;
  /** `ok` where there is a version; `noupdate`, `error-...`. */
  readonly status: string;
  readonly version: string | null;
  /** Where its packages are, each place by itself enough. */
  readonly codebases: readonly string[];
  readonly packages: readonly OfferedPackage[];
}

export interface OfferedPackage {
  readonly name: string;
  /** Base64. */
  readonly sha1: string | null;
  /** Hexadecimal or base64. */
  readonly sha256: string | null;
  readonly sizeBytes: number | null;
}

/** How JSON answers begin, so that no web page can run them. */
const JSON_GUARD = /^\uFEFF?\s*\)\]\}'?,?/;

/** The text of an answer in JSON, or null where it is XML. */
export function guardedJson(text: string): string | null {
  const bare = text.replace(JSON_GUARD, '');
  return /^\s*[{[]/.test(bare) ? bare : null;
}
