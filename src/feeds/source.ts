import { PermanentError, printable } from '../core/errors.js';
import type { FeedReader, ProductCatalog, VersionScheme } from '../core/ports.js';
import type { FeedDefinition, ProductDefinition } from '../core/product.js';

export interface SourceDeps {
  readonly products: ProductCatalog;
  /** By the `type` of a feed. */
  readonly readers: ReadonlyMap<string, FeedReader>;
  readonly versionSchemes: ReadonlyMap<string, VersionScheme>;
}

/** The place of the vendor's own feed in a definition. */
export const VENDORS_OWN_FEED = 0;

export interface Source {
  readonly product: ProductDefinition;
  readonly feed: FeedDefinition;
  readonly reader: FeedReader;
  readonly scheme: VersionScheme;
}

/** Where a product's releases appear. PermanentError where its definition is missing, or names what is not known. */
export function findSource(deps: SourceDeps, productId: string): Source {
  const product = deps.products.get(productId);
  if (product === null) {
    const fault = deps.products
      .faults()
      .find(({ path, message }) => `${path} ${message}`.toLowerCase().includes(productId.toLowerCase()));
    throw new PermanentError('not-found', 'no definition of this product', {
      where: productId,
      found: fault === undefined ? 'nothing' : `${fault.path}: ${fault.message}`,
      nextStep: 'correct or restore the definition',
    });
  }
  const feed = product.feeds[VENDORS_OWN_FEED];
  const reader = deps.readers.get(feed?.type ?? '');
  const scheme = deps.versionSchemes.get(product.versionScheme);
  if (feed !== undefined && reader !== undefined && scheme !== undefined)
    return { product, feed, reader, scheme };
  throw new PermanentError(
    'definition.invalid',
    'the definition names a feed type or version scheme that is not known',
    {
      where: productId,
      expected: `a feed of ${[...deps.readers.keys()].join(', ')} and a scheme of ${[...deps.versionSchemes.keys()].join(', ')}`,
      found: printable(`feed ${feed?.type ?? 'none'}, scheme ${product.versionScheme}`),
      nextStep: 'correct the definition',
    },
  );
}
