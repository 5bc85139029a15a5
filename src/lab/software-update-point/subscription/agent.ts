import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeFault } from '../../../core/errors.js';
import { fileUnderCategories } from '../categories.js';
import { publishContent } from '../content/publish.js';
import { downloadTo } from '../outbound.js';
import { type PackageFacts, readPackageFacts } from '../package-facts.js';
import { SiteRefusal } from '../refusal.js';
import { verifyFile } from '../signatures.js';
import { nextRevision } from '../state.js';
import type { World } from '../world.js';
import { type CatalogFile, type CatalogPackage, readCatalogFile } from './catalog-file.js';

const MAX_CATALOG_BYTES = 512 << 20;

/**
 * One run of the site's sync agent: downloads the catalog, checks who signed it, imports metadata that is new or newer,
 * and publishes the content of categories that are subscribed so. Never throws for what it finds: the outcome is kept
 * as the subscription's last sync, a package's own fault with the package.
 */
export async function syncCatalog(world: World): Promise<void> {
  const path = join(world.workFolder, 'catalog.cab');
  try {
    const text = await runSync(world, path);
    remember(world, text === null ? 'unchanged' : 'synced', null, text ?? 'the catalog has not changed');
  } catch (error) {
    const statusId = error instanceof SiteRefusal && typeof error.status === 'number' ? error.status : null;
    remember(world, 'failed', statusId, describeFault(error));
  } finally {
    rmSync(path, { force: true });
  }
}

async function runSync(world: World, path: string): Promise<string | null> {
  const { subscription } = world.state;
  const { outbound } = world.options;
  const downloaded = await downloadTo(outbound, subscription.url, path, {
    maxBytes: MAX_CATALOG_BYTES,
    etag: subscription.etag,
  });
  if (downloaded === null) return null;
  const thumbprint = await requireApprovedSigner(world, path);
  const catalog = readCatalogFile(path);
  subscription.approvedThumbprint = thumbprint;
  subscription.contentCertificates = [...catalog.contentCertificates];
  const imported = catalog.packages.filter((entry) => importPackage(world, entry)).length;
  subscription.etag = downloaded.etag;
  world.commit();
  await publishFullContent(world, catalog);
  return `${imported} of ${catalog.packages.length} packages imported`;
}

/** The first signer is approved as an administrator does in the wizard; another one needs a new approval. */
async function requireApprovedSigner(world: World, path: string): Promise<string> {
  const report = await verifyFile(path, world.options.trust, world.options.now());
  if (report.status !== 'valid') {
    const found = report.status === 'unsigned' ? 'no signature' : `${report.reason}, ${report.detail}`;
    throw new SiteRefusal(11508, `the signature of the catalog is not trusted: ${found}`);
  }
  const approved = world.state.subscription.approvedThumbprint;
  const { thumbprint, subject } = report.signer;
  if (approved !== null && approved !== thumbprint) {
    throw new SiteRefusal(
      11508,
      `the catalog certificate has changed to ${subject} (${thumbprint}) and waits for approval; approved is ${approved}`,
    );
  }
  return thumbprint;
}

/** Whether the package was new or newer. What fails stays with the package; the others go on. */
function importPackage(world: World, entry: CatalogPackage): boolean {
  const { state } = world;
  const known = state.updates[entry.packageId];
  if (known !== undefined && Date.parse(entry.creationDate) <= Date.parse(known.creationDate)) return false;
  try {
    if (known?.origin === 'direct')
      throw new SiteRefusal(11524, 'another publisher brought it to the server');
    const facts = readPackageFacts(entry.sdp);
    const now = world.options.now();
    fileUnderCategories(state, facts, now);
    state.updates[entry.packageId] = {
      packageId: entry.packageId,
      creationDate: entry.creationDate,
      sdp: entry.sdp,
      isExpired: facts.isExpired,
      revision: (known?.revision ?? 0) + 1,
      ...nextRevision(state),
      changedAt: now.toISOString(),
      // A revision does no file work: the content stays while the vendor's file is the same.
      content: known !== undefined && isSamePayload(known.content, facts) ? known.content : null,
      origin: 'catalog',
      isDeclined: known?.isDeclined ?? false,
    };
    delete state.faults[entry.packageId];
    return true;
  } catch (error) {
    state.faults[entry.packageId] = `metadata refused: ${describeFault(error)}`;
    return false;
  }
}

function isSamePayload(
  content: { readonly origin: { readonly sha1: string } } | null,
  facts: PackageFacts,
): boolean {
  return content !== null && facts.originFile !== null && content.origin.sha1 === facts.originFile.digest;
}

async function publishFullContent(world: World, catalog: CatalogFile): Promise<void> {
  const wanted = new Set(world.options.fullContentCategories.map((name) => name.toLowerCase()));
  const members = catalog.categories
    .filter((category) => wanted.has(category.id) || wanted.has(category.displayName.toLowerCase()))
    .flatMap((category) => category.members);
  for (const packageId of new Set(members)) {
    if (world.state.updates[packageId]?.isExpired === true) continue;
    // The refusal is kept with the package.
    await publishContent(world, packageId).catch(() => undefined);
  }
}

function remember(
  world: World,
  outcome: 'synced' | 'unchanged' | 'failed',
  statusId: number | null,
  text: string,
): void {
  world.state.subscription.lastSync = { at: world.options.now().toISOString(), outcome, statusId, text };
  world.commit();
}
