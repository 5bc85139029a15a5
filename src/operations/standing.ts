import { type ProductDefinition, variantOf } from '../core/product.js';
import type { PublicationRecord, UpdateRecord, WorkRecord } from '../core/records.js';
import type { OperationsDeps } from './deps.js';
import { readOpenTrouble, readSubjects, type SubjectOf } from './trouble.js';

/** What the ledger says about products, read in a bounded number of questions and found by product. */
export interface Standing {
  /** The latest, by `keyOf` product and variant. */
  readonly updates: ReadonlyMap<string, UpdateRecord>;
  /** By PackageID. */
  readonly publications: ReadonlyMap<string, PublicationRecord>;
  /** By product; null: about no product. */
  readonly open: WorkByProduct;
  readonly trouble: WorkByProduct;
  readonly seen: ReadonlyMap<string, { readonly version: string; readonly seenAt: string }>;
  /** `keyOf` product, variant and version; of products that are built and at rest it is not asked. */
  readonly acquired: ReadonlySet<string>;
  readonly subjectOf: SubjectOf;
  /** Work that is not at its end. */
  readonly unfinished: number;
}

type WorkByProduct = ReadonlyMap<string | null, readonly WorkRecord[]>;

export async function readStanding(
  { ledger }: Pick<OperationsDeps, 'ledger'>,
  products: readonly ProductDefinition[],
): Promise<Standing> {
  const [latest, openWork, unfinished, { work: stopped }, seen] = await Promise.all([
    ledger.latestUpdates(),
    ledger.work({ states: ['ready', 'running', 'waiting'], isTelling: true }),
    ledger.countUnfinished(),
    readOpenTrouble(ledger),
    ledger.newestReleases(),
  ]);
  const publications = await ledger.publicationsOf(latest.map(({ packageId }) => packageId));
  const subjectOf = await readSubjects(ledger, [...openWork, ...stopped]);
  const updates = new Map(latest.map((update) => [keyOf(update.productId, update.variant), update]));
  const open = byProduct(openWork, subjectOf);
  const trouble = byProduct(stopped, subjectOf);
  const isMoving = products.filter(
    ({ id, installers }) =>
      open.has(id) || trouble.has(id) || installers.some((one) => !updates.has(keyOf(id, variantOf(one)))),
  );
  const acquired = await ledger.acquiredOf(isMoving.map(({ id }) => id));
  return {
    updates,
    publications: new Map(publications.map((one) => [one.packageId, one])),
    open,
    trouble,
    seen: new Map(seen.map((one) => [one.productId, one])),
    acquired: new Set(acquired.map((one) => keyOf(one.productId, one.variant, one.version))),
    subjectOf,
    unfinished,
  };
}

export function keyOf(...parts: readonly string[]): string {
  return parts.join('\n');
}

function byProduct(work: readonly WorkRecord[], subjectOf: SubjectOf): WorkByProduct {
  const groups = new Map<string | null, WorkRecord[]>();
  for (const one of work) {
    const { product } = subjectOf(one);
    const group = groups.get(product);
    if (group === undefined) groups.set(product, [one]);
    else group.push(one);
  }
  return groups;
}
