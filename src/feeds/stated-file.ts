import type { ReleaseAsset } from '../core/release.js';
import { assetAt, digestIn } from './assets.js';

/** A file as an answer states it; digests in hexadecimal or base64. */
export interface StatedFile {
  /** Also relative to where the answer came from. */
  readonly url: string;
  readonly name?: string | null | undefined;
  readonly sizeBytes?: number | null | undefined;
  readonly sha1?: string | null | undefined;
  readonly sha256?: string | null | undefined;
  readonly sha512?: string | null | undefined;
}

/** Empty where the address is none that can be fetched. */
export function assetsOf(file: StatedFile, base: string): readonly ReleaseAsset[] {
  const asset = assetAt(file.url, base);
  if (asset === null) return [];
  return [
    {
      ...asset,
      name: file.name?.trim() || asset.name,
      sizeBytes: file.sizeBytes ?? null,
      digests: {
        sha1: digestIn(file.sha1 ?? null, 'sha1'),
        sha256: digestIn(file.sha256 ?? null, 'sha256'),
        sha512: digestIn(file.sha512 ?? null, 'sha512'),
      },
    },
  ];
}
