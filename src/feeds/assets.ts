import type { ReleaseAsset } from '../core/release.js';

const NO_DIGESTS: ReleaseAsset['digests'] = { sha1: null, sha256: null, sha512: null };

/** A file of which only the address is known, and perhaps its SHA-256; null where it is no address. */
export function assetAt(address: string, base: string, sha256: string | null = null): ReleaseAsset | null {
  if (!URL.canParse(address, base)) return null;
  const url = new URL(address, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  return {
    name: nameOf(url),
    url: url.href,
    sizeBytes: null,
    digests: { ...NO_DIGESTS, sha256: hexDigest(sha256, 64) },
  };
}

/** `sha256:ab12...`, as GitHub writes it. */
export function taggedDigests(text: string | null): ReleaseAsset['digests'] {
  const [, algorithm, hex] = /^(sha1|sha256|sha512):([0-9a-f]+)$/i.exec(text ?? '') ?? [];
  const lengths = { sha1: 40, sha256: 64, sha512: 128 } as const;
  const name = algorithm?.toLowerCase() as keyof typeof lengths | undefined;
  return name === undefined ? NO_DIGESTS : { ...NO_DIGESTS, [name]: hexDigest(hex ?? null, lengths[name]) };
}

function hexDigest(text: string | null, length: number): string | null {
  const hex = text?.trim().toLowerCase() ?? '';
  return hex.length === length && /^[0-9a-f]+$/.test(hex) ? hex : null;
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
