import type { LedgerReader } from '../core/ports.js';
import type { UpdateRecord, WorkRecord } from '../core/records.js';

/** What a piece of work is about; stages after the build name only the PackageID, so the update tells the rest. */
export interface WorkSubject {
  readonly product: string | null;
  readonly variant: string | null;
  readonly version: string | null;
}

export type SubjectOf = (work: WorkRecord) => WorkSubject;

export function subjectsFrom(updates: readonly UpdateRecord[]): SubjectOf {
  const byPackage = new Map(updates.map((update) => [update.packageId, update]));
  return (work) => {
    const update = byPackage.get(work.packageId ?? '');
    if (update === undefined) return work;
    return { product: update.productId, variant: update.variant, version: update.version };
  };
}

/** The updates that the work names are read for it. */
export async function readSubjects(ledger: LedgerReader, work: readonly WorkRecord[]): Promise<SubjectOf> {
  const named = new Set(work.map(({ packageId }) => packageId).filter((id) => id !== null));
  return subjectsFrom(await ledger.updatesOf([...named]));
}

export interface OpenTrouble {
  readonly work: readonly WorkRecord[];
  readonly subjectOf: SubjectOf;
}

/**
 * Work that is held or failed and that nothing has gone past: no later work of the same stage is about the same product
 * and variant. Older versions that failed are history, not trouble. In the ledger's order. With `productIds`, of these
 * products, and of no product at all (a flush).
 */
export async function readOpenTrouble(
  ledger: LedgerReader,
  productIds?: readonly string[],
): Promise<OpenTrouble> {
  const filter = productIds === undefined ? {} : { products: productIds };
  const stopped = await ledger.work({ states: ['held', 'failed'], ...filter });
  const subjectOf = await readSubjects(ledger, stopped);
  const products = new Set(stopped.map((one) => subjectOf(one).product).filter((id) => id !== null));
  const newest = new Map<string, number>();
  for (const { id, ...place } of await ledger.newestWork([...products])) {
    const key = placeOf(place);
    newest.set(key, Math.max(id, newest.get(key) ?? 0));
  }
  const isOpen = (work: WorkRecord): boolean => {
    const { product, variant } = subjectOf(work);
    // Work about many products (a flush) is its own place.
    if (product === null) return true;
    return (newest.get(placeOf({ stage: work.stage, product, variant })) ?? work.id) === work.id;
  };
  return { work: stopped.filter(isOpen), subjectOf };
}

function placeOf({ stage, product, variant }: { stage: string; product: string; variant: string | null }) {
  return JSON.stringify([stage, product, variant]);
}

/** Whether the work is about this variant; work about the whole product is about each of its variants. */
export function isAbout(subject: WorkSubject, productId: string, variant: string): boolean {
  return subject.product === productId && (subject.variant === null || subject.variant === variant);
}
