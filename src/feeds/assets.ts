import type { ReleaseAsset } from '../core/release.js';

/** What each algorithm's digest is long. */
const DIGEST_BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const;

export const NO_DIGESTS: ReleaseAsset['digests'] = { sha1: null, sha256: null, sha512: null };

/** A file of which only the address is known, and perhaps its SHA-256; null where it is no address. */
export function assetAt(address: string, base: string, sha256: string | null = null): ReleaseAsset | null {
  if (!URL.canParse(address, base)) return null;
  const url = new URL(address, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  return {
    name: nameOf(url),
    url: url.href,
    sizeBytes: null,
    digests: { ...NO_DIGESTS, sha256: digestIn(sha256, 'sha256') },
  };
}

/** `sha256:ab12...`, as GitHub writes it. */
export function taggedDigests(text: string | null): ReleaseAsset['digests'] {
  const [, algorithm, hex] = /^(sha1|sha256|sha512):([0-9a-f]+)$/i.exec(text ?? '') ?? [];
  const name = algorithm?.toLowerCase() as keyof typeof DIGEST_BYTES | undefined;
  return name === undefined ? NO_DIGESTS : { ...NO_DIGESTS, [name]: digestIn(hex ?? null, name) };
}

/** `SHA256:ab12...`, `sha512-Pb3...` (Subresource Integrity). */
export const DIGEST_NAME = /^sha-?(?:1|256|512)[:=-]\s*/i;

/** In hexadecimal, lower case; null where it is no digest of that length. Some vendors write it in base64. */
export function digestIn(text: string | null, algorithm: keyof typeof DIGEST_BYTES): string | null {
  const given = text?.trim().replace(DIGEST_NAME, '') ?? '';
  const bytes = DIGEST_BYTES[algorithm];
  if (given.length === 2 * bytes) return /^[0-9a-f]+$/i.test(given) ? given.toLowerCase() : null;
  const isBase64 = given.length === 4 * Math.ceil(bytes / 3) && /^[A-Za-z0-9+/]+={0,2}$/.test(given);
  const decoded = isBase64 ? Buffer.from(given, 'base64') : null;
  return decoded?.length === bytes ? decoded.toString('hex') : null;
}

/** The last part of the path that says anything (SourceForge ends in `/download`). */
function nameOf(url: URL): string {
  const parts = url.pathname.split('/').filter((part) => part !== '');
  if (parts.length > 1 && parts.at(-1) === 'download') parts.pop();
  const last = parts.at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
