import type { StoreFinding, UpdateFacts } from '../../core/plan.js';
import { TARGET_OF } from '../../core/publication.js';
import type { OperationsDeps } from '../deps.js';

/** Every object of an update that the content store must have, read and compared with its digest. */
export async function findInStore(
  deps: OperationsDeps,
  facts: UpdateFacts,
): Promise<readonly StoreFinding[]> {
  const { update, latest } = facts;
  const { productId, version, variant } = update;
  const installer = await deps.ledger.installer(productId, version, variant);
  const catalog = await deps.ledger.latestCatalogRevision(TARGET_OF.catalog);
  const cabinet = latest.content?.signed?.sha256;
  const wanted: readonly Omit<StoreFinding, 'state'>[] = [
    { what: 'update document', sha256: latest.sdpSha256 },
    { what: 'proof', sha256: latest.proofSha256 },
    ...(installer === null ? [] : [{ what: 'installer', sha256: installer.sha256 } as const]),
    ...(cabinet === undefined ? [] : [{ what: 'content cabinet', sha256: cabinet } as const]),
    ...(update.route === 'catalog' && catalog !== null
      ? [{ what: 'catalog', sha256: catalog.cabSha256 } as const]
      : []),
  ];
  const findings: StoreFinding[] = [];
  for (const one of wanted) findings.push({ ...one, state: await deps.content.check(one.sha256) });
  return findings;
}
