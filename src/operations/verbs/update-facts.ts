import { PermanentError, printable } from '../../core/errors.js';
import { packageIdOf, respinOf } from '../../core/identity.js';
import type { UpdateFacts } from '../../core/plan.js';
import { TARGET_OF } from '../../core/publication.js';
import type { UpdateRecord } from '../../core/records.js';
import type { OperationsDeps } from '../deps.js';

/** What the ledger knows of one update. PermanentError `not-found`. */
export async function readUpdateFacts(deps: OperationsDeps, packageId: string): Promise<UpdateFacts> {
  const id = packageId.toLowerCase();
  const update = await deps.ledger.update(id);
  const latest = await deps.ledger.latestRevision(id);
  if (update === null || latest === null) {
    throw new PermanentError('not-found', 'no such update', {
      where: printable(packageId, 100),
      expected: 'the PackageID of an update that was built',
      nextStep: 'patchpress status lists the updates',
    });
  }
  return {
    update,
    latest,
    publication: await deps.ledger.publication(TARGET_OF[update.route], id),
    catalogRevision: (await deps.ledger.latestCatalogRevision(TARGET_OF.catalog))?.number ?? null,
    builtNow: await nameOfBuild(deps, update),
  };
}

/** As the packages stage will name it: the payload decides. */
async function nameOfBuild(deps: OperationsDeps, update: UpdateRecord): Promise<string | null> {
  const { productId, version, variant, kind } = update;
  const installer = await deps.ledger.installer(productId, version, variant);
  if (installer === null) return null;
  const known = (await deps.ledger.updates({ productId, variant })).filter((one) => one.kind === kind);
  const payloadSha256 = installer.sha256;
  return idOf(deps, update, { payloadSha256, respin: respinOf({ version, payloadSha256 }, known) });
}

/** The PackageID of this version and variant with other payload or another respin. */
export async function idOf(
  deps: OperationsDeps,
  { productId, version, variant, kind }: UpdateRecord,
  of: Pick<UpdateRecord, 'payloadSha256' | 'respin'>,
): Promise<string> {
  const siteId = await deps.ledger.setting('site.id');
  if (siteId === null) {
    throw new PermanentError('configuration.invalid', 'the ledger does not say what this site is called', {
      where: 'setting site.id',
      nextStep: 'start the service once on this ledger',
    });
  }
  return packageIdOf({ siteId, product: productId, version, variant, kind, ...of });
}
