import type { ShelfFile } from '../shelf.js';
import type { VendorAnswer, VendorRequest } from '../vendor.js';

/** The file whose address was asked for, as it lies at the vendor's own server; null: none. */
export function fileAt({ host, path }: VendorRequest, shelf: readonly ShelfFile[]): VendorAnswer | null {
  const file = shelf.find(({ fixture }) => {
    const url = new URL(fixture.url);
    return url.hostname === host && decodeURIComponent(url.pathname) === path;
  });
  return file === undefined ? null : { kind: 'file', file };
}

/** When the newest file was released: the feed has changed since. */
export function modifiedOf(shelf: readonly ShelfFile[]): Date {
  return new Date(shelf.at(-1)?.fixture.releasedAt ?? 0);
}
