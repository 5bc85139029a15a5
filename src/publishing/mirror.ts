import { stat } from 'node:fs/promises';
import { describeFault, PermanentError } from '../core/errors.js';
import type { Mirror } from '../core/mirror.js';
import type { Clock, ContentStore, LedgerReader } from '../core/ports.js';
import type { CatalogRevisionRecord } from '../core/records.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { catalogAddress, contentAddress, revisionAddress } from './configmgr-catalog/addresses.js';
import { filesIn } from './configmgr-catalog/published.js';
import { TARGET } from './jobs.js';

export interface MirrorDeps {
  readonly ledger: LedgerReader;
  readonly content: ContentStore;
  readonly clock: Clock;
  readonly catalog: { readonly name: string };
  /** Null: catalog and content are served by this service itself. */
  readonly mirror: Mirror | null;
}

/** The last revision of the catalog that was put at a place whole, with all that it names. */
const mirroredAt = ({ place }: Mirror): string => JSON.stringify([`publishing.${TARGET}.mirrored`, place]);

/**
 * Puts what the catalog names, then its cabinet under its number, then under the address that sites read: none of them sees
 * a catalog before its content. It ends when what was put last is what stands, so that a turn which lost its lease and
 * comes late mends what it overwrote.
 */
export async function mirror(deps: MirrorDeps, context: StageContext): Promise<StageResult> {
  const { mirror: target, ledger } = deps;
  if (target === null) return { outcome: 'unchanged', reason: 'this service serves the catalog itself' };
  let latest = await ledger.latestCatalogRevision(TARGET);
  for (;;) {
    if (latest === null) return { outcome: 'unchanged', reason: 'no catalog was published yet' };
    const put = latest;
    await putCatalog({ ...deps, mirror: target }, put, context);
    latest = await ledger.latestCatalogRevision(TARGET);
    if (latest?.number !== put.number) continue;
    context.record((writer) => writer.putSetting(mirroredAt(target), String(put.number)));
    return {
      outcome: 'advanced',
      next: [],
      summary: `catalog revision ${put.number} and what it names are there`,
    };
  }
}

async function putCatalog(
  deps: MirrorDeps & { readonly mirror: Mirror },
  catalog: CatalogRevisionRecord,
  context: StageContext,
): Promise<void> {
  const { content } = deps;
  for (const { sha256, sizeBytes, fileName } of await filesIn(deps.ledger, catalog)) {
    const source = () => content.wholePath(sha256);
    const file = { ...contentAddress(sha256, fileName), sha256, sizeBytes, source };
    await deps.mirror.put(file, context.signal).catch(leftOut(sha256, context));
  }
  const { cabSha256: sha256, number } = catalog;
  const path = await content.wholePath(sha256);
  const cabinet = { sha256, sizeBytes: (await stat(path)).size, source: async () => path };
  const { name } = deps.catalog;
  for (const address of [revisionAddress(name, number), catalogAddress(name)]) {
    await deps.mirror.put({ ...address, ...cabinet }, context.signal);
  }
}

/** An installer that was lost is its own update's trouble (`repair`), not the catalog's. */
function leftOut(sha256: string, { log }: StageContext): (error: unknown) => void {
  return (error) => {
    const isLost =
      error instanceof PermanentError &&
      (error.code === 'content.missing' || error.code === 'content.corrupt');
    if (!isLost) throw error;
    log.warn({ sha256, error: describeFault(error) }, 'file left out of the mirror');
  };
}

/** Why the site cannot have this revision of the catalog yet, or null. */
export async function whyNotMirrored(
  { mirror: target, ledger }: Pick<MirrorDeps, 'mirror' | 'ledger'>,
  catalogRevision: number | null,
): Promise<string | null> {
  if (target === null || catalogRevision === null) return null;
  if (Number(await ledger.setting(mirroredAt(target))) >= catalogRevision) return null;
  return `catalog revision ${catalogRevision} is not where sites read it yet (content.mirror)`;
}
