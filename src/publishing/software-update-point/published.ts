import type { ContentStore, LedgerReader } from '../../core/ports.js';
import type { PublicationRecord } from '../../core/records.js';
import { DIRECT_TARGET } from '../jobs.js';
import { cabinetName } from './delivery.js';

/**
 * What the far side of the bridge may fetch: the payload or our signed cabinet of every direct update that is or was to be
 * published, and nothing else. A revision never changes what it names, so that is read once.
 */
export function createDirectContent(deps: {
  readonly ledger: LedgerReader;
  readonly content: ContentStore;
}): (sha256: string, fileName: string) => Promise<string | null> {
  const known = new Map<string, readonly string[]>();
  const namesOf = async (publication: PublicationRecord): Promise<readonly string[]> => {
    const key = `${publication.packageId}/${publication.revision}`;
    const names = known.get(key) ?? (await readNames(deps.ledger, publication));
    known.set(key, names);
    return names;
  };
  return async (sha256, fileName) => {
    for (const publication of await deps.ledger.publications(DIRECT_TARGET)) {
      const names = await namesOf(publication);
      if (names.includes(`${sha256}/${fileName}`)) return deps.content.wholePath(sha256);
    }
    return null;
  };
}

async function readNames(ledger: LedgerReader, of: PublicationRecord): Promise<readonly string[]> {
  const { packageId } = of;
  const revision = await ledger.revision(packageId, of.revision);
  const signed = revision?.content?.signed ?? null;
  if (signed !== null) return [`${signed.sha256}/${cabinetName(packageId)}`];
  const update = await ledger.update(packageId);
  const installer = update && (await ledger.installer(update.productId, update.version, update.variant));
  return installer === null ? [] : [`${installer.sha256}/${installer.fileName}`];
}
