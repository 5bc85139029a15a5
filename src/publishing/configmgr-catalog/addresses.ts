/** Where a published file is, below the base address, and how it may be kept by those who fetch it. */
export interface PublishedAddress {
  /** Not encoded. */
  readonly path: string;
  readonly contentType: string;
  readonly cacheControl: string;
  /** True: what has a number or a digest in its address never changes. */
  readonly isFixed: boolean;
}

const CABINET = 'application/vnd.ms-cab-compressed';
const FOREVER = 'public, max-age=31536000, immutable';

/** The address that sites subscribe to: it never changes. */
export function catalogAddress(name: string): PublishedAddress {
  return { path: `catalogs/${name}.cab`, contentType: CABINET, cacheControl: 'no-cache', isFixed: false };
}

export function revisionAddress(name: string, number: number): PublishedAddress {
  return {
    path: `catalogs/${name}/${number}.cab`,
    contentType: CABINET,
    cacheControl: FOREVER,
    isFixed: true,
  };
}

export function contentAddress(sha256: string, fileName: string): PublishedAddress {
  return {
    path: `content/${sha256}/${fileName}`,
    contentType: 'application/octet-stream',
    cacheControl: FOREVER,
    isFixed: true,
  };
}
