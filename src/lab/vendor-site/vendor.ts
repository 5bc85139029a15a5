import type { ShelfFile } from './shelf.js';

/** What a vendor's address answers; digests, ranges, conditions and faults are the server's. */
export type VendorAnswer =
  | {
      readonly kind: 'feed';
      readonly contentType: string;
      readonly body: string;
      readonly modified: Date;
      readonly headers?: Readonly<Record<string, string>>;
      /** GitHub's ETags are weak. */
      readonly weakEtag?: boolean;
    }
  | { readonly kind: 'file'; readonly file: ShelfFile; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'refusal'; readonly status: number; readonly body: string };

export interface VendorRequest {
  /** The name that was asked for, in lower case. */
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** One product's vendor: the hosts it answers at, and what it answers for what lies on its shelf. */
export interface Vendor {
  readonly productId: string;
  readonly hosts: readonly string[];
  /** Not the vendor's own: what goes wrong at the vendor's does not go wrong here. */
  readonly isSecondVantage?: boolean;
  /** Null: not an address of this product. */
  answer(request: VendorRequest, shelf: readonly ShelfFile[]): VendorAnswer | null;
}
