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
    const update = byPackage.get(packageIdOf(work.input) ?? '');
    if (update === undefined) return work;
    return { product: update.productId, variant: update.variant, version: update.version };
  };
}

function packageIdOf(input: unknown): string | null {
  if (typeof input !== 'object' || input === null || !('packageId' in input)) return null;
  return typeof input.packageId === 'string' ? input.packageId : null;
}

/**
 * Work that is held or failed and that nothing has gone past: no later work of the same stage is about the same product
 * and variant. Older versions that failed are history, not trouble. In the ledger's order.
 */
export function openTrouble(work: readonly WorkRecord[], subjectOf: SubjectOf): readonly WorkRecord[] {
  const newest = new Map<string, number>();
  for (const one of work) newest.set(placeOf(one, subjectOf), one.id);
  return work.filter(
    (one) =>
      (one.state === 'held' || one.state === 'failed') && newest.get(placeOf(one, subjectOf)) === one.id,
  );
}

function placeOf(work: WorkRecord, subjectOf: SubjectOf): string {
  const { product, variant } = subjectOf(work);
  // Work about many products (a flush) is its own place.
  return JSON.stringify([work.stage, product ?? work.key, variant]);
}

/** Whether the work is about this variant; work about the whole product is about each of its variants. */
export function isAbout(subject: WorkSubject, productId: string, variant: string): boolean {
  return subject.product === productId && (subject.variant === null || subject.variant === variant);
}
