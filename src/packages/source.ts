import { PermanentError, printable } from '../core/errors.js';
import type { ArpEvidence } from '../core/installer.js';
import type { InstallerTechnology, LedgerReader, ProductCatalog, VersionScheme } from '../core/ports.js';
import {
  type InstallerDefinition,
  type InstallerTechnologyName,
  type ProductDefinition,
  variantOf,
} from '../core/product.js';
import type { InstallerRecord, ReleaseRecord, UpdateRecord } from '../core/records.js';

import { type Detection, resolveDetection } from './detection.js';

export interface SourceDeps {
  readonly products: ProductCatalog;
  readonly ledger: LedgerReader;
  /** By the `technology` of an installer. */
  readonly technologies: ReadonlyMap<InstallerTechnologyName, InstallerTechnology>;
  /** By the `versionScheme` of a product. */
  readonly versionSchemes: ReadonlyMap<string, VersionScheme>;
}

/** What an update is made from, all of it read by its ids. */
export interface Source {
  readonly product: ProductDefinition;
  readonly definition: InstallerDefinition;
  readonly variant: string;
  readonly kind: UpdateRecord['kind'];
  readonly release: ReleaseRecord;
  readonly installer: InstallerRecord;
  readonly scheme: VersionScheme;
  /** What the installer writes. */
  readonly evidence: readonly ArpEvidence[];
  /** How an installed copy is known; null: nothing proves it. */
  readonly detection: Detection | null;
  /** The updates of this product, variant and kind that were built, the oldest record first. */
  readonly known: readonly UpdateRecord[];
  readonly siteId: string;
}

export async function findSource(
  deps: SourceDeps,
  wanted: {
    readonly productId: string;
    readonly version: string;
    readonly variant: string;
    /** Absent: `update`. */
    readonly kind?: 'install';
  },
): Promise<Source> {
  const { productId, version, variant, kind = 'update' } = wanted;
  const { product, definition, scheme, technology } = findDefinition(deps, productId, variant);
  const release = await deps.ledger.release(productId, version);
  const installer = await deps.ledger.installer(productId, version, variant);
  if (release === null || installer === null) {
    throw new PermanentError('not-found', 'the release or its installer is not known', {
      where: printable(`${productId} ${version} ${variant}`, 200),
      expected: 'a release that a feed has shown, and its acquired installer',
      found: release === null ? 'no release' : 'no installer',
      nextStep: 'sync the product',
    });
  }
  const evidence = technology.evidence(installer.inspection, definition, version);
  return {
    product,
    definition,
    variant,
    kind,
    release,
    installer,
    scheme,
    evidence,
    detection: resolveDetection(definition, evidence, version),
    known: (await deps.ledger.updates({ productId, variant })).filter((one) => one.kind === kind),
    siteId: await findSiteId(deps.ledger),
  };
}

function findDefinition(deps: SourceDeps, productId: string, variant: string) {
  const product = deps.products.get(productId);
  const definition = product?.installers.find((one) => variantOf(one) === variant);
  if (product === null || definition === undefined) {
    throw new PermanentError('not-found', 'the product or the variant is not known', {
      where: printable(`${productId} ${variant}`, 200),
      expected: 'a definition with this variant',
      found: product === null ? 'no definition' : 'no such variant',
      nextStep: 'correct or restore the definition',
    });
  }
  const scheme = deps.versionSchemes.get(product.versionScheme);
  const technology = deps.technologies.get(definition.technology);
  if (scheme !== undefined && technology !== undefined) return { product, definition, scheme, technology };
  throw new PermanentError(
    'definition.invalid',
    'the definition names a version scheme or technology that is not known',
    {
      where: productId,
      expected: `a scheme of ${[...deps.versionSchemes.keys()].join(', ')} and a technology of ${[...deps.technologies.keys()].join(', ')}`,
      found: printable(`scheme ${product.versionScheme}, technology ${definition.technology}`),
      nextStep: 'correct the definition',
    },
  );
}

async function findSiteId(ledger: LedgerReader): Promise<string> {
  const siteId = await ledger.setting('site.id');
  if (siteId !== null) return siteId;
  throw new PermanentError('configuration.invalid', 'the ledger does not say what this site is called', {
    where: 'setting site.id',
    expected: 'the id that was made at the first start',
    found: 'nothing',
    nextStep: 'start the service once on this ledger; never make up another id',
  });
}
