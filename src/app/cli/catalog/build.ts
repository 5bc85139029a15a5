import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings, projectPath, type Settings } from '../../../config/settings.js';
import { createContentStore } from '../../../content/store.js';
import type { CatalogPlan, WrittenCatalog } from '../../../core/catalog-plan.js';
import { PermanentError } from '../../../core/errors.js';
import { planCatalog } from '../../../publishing/configmgr-catalog/build.js';
import { itemsOfImported } from '../../../publishing/configmgr-catalog/import/index.js';
import { writeCatalog } from '../../../publishing/configmgr-catalog/write-catalog.js';
import { TARGET } from '../../../publishing/jobs.js';
import { type RefusedMember, readMembers } from '../../../publishing/members.js';
import { productsFrom } from '../../configure.js';
import { openStores } from '../../foundation.js';
import { refuseOverwriting } from '../cab/create.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { certificatesInFolder, itemsInFolder } from './from-folder.js';
import { withStores } from './stores.js';

export interface BuildOptions extends OutputOptions {
  readonly out: string;
  readonly sdp?: string;
  readonly fromLedger?: boolean;
  readonly imported?: string;
  readonly certificates?: string;
  readonly name?: string;
  readonly oneFolder?: boolean;
  readonly force?: boolean;
}

interface Planned {
  readonly plan: CatalogPlan;
  /** Pending updates that cannot be in it. */
  readonly refused: readonly RefusedMember[];
}

/** `patchpress catalog build`: never signed here, for the signer vouches for what the publisher hands over, no more. */
export async function buildCatalog(options: BuildOptions): Promise<number> {
  const settings = loadSettings();
  const name = options.name ?? settings.catalog;
  const outPath = join(options.out, `${name}.cab`);
  refuseOverwriting(outPath, options.force ?? false);
  const { plan, refused } = await planOf(options, settings, name);
  process.stderr.write(`${plan.groups.flat().length} updates\n`);
  mkdirSync(options.out, { recursive: true });
  const partsDir = createContentStore(contentDir(settings)).derivedFolder('catalog-parts-by-hand');
  const written = writeCatalog(plan, { outPath, partsDir });
  const result = { out: outPath, sha256: await digestOf(outPath), ...countsOf(plan, written), refused };
  show(options, result, () => textOf(result));
  return refused.length === 0 ? EXIT.ok : EXIT.negative;
}

async function planOf(options: BuildOptions, settings: Settings, name: string): Promise<Planned> {
  const folders = options.oneFolder === true ? 'one' : settings.catalogFolders;
  const shared = { catalog: { name }, catalogFolders: folders };
  if (options.imported !== undefined) return fromImported(options.imported, shared);
  if (options.sdp === undefined) return fromLedger(settings, shared);
  const { items, paths } = itemsInFolder(options.sdp);
  const siteId = settings.siteId ?? name;
  const plan = planCatalog(items, { ...shared, siteId }, (sha256) => paths.get(sha256) ?? '');
  const { certificates: folder } = options;
  if (folder === undefined) return { plan, refused: [] };
  return { plan: { ...plan, certificates: certificatesInFolder(folder, plan.root.modified) }, refused: [] };
}

async function fromLedger(
  settings: Settings,
  shared: { readonly catalog: { readonly name: string }; readonly catalogFolders: 'many' | 'one' },
): Promise<Planned> {
  const dataDir = projectPath(settings.dataDir);
  const stores = await openStores({ ...settings, dataDir, siteId: settings.siteId ?? null });
  try {
    const { ledger, content, siteId } = stores;
    const products = productsFrom(settings.productDirs);
    const latest = await ledger.latestCatalogRevision(TARGET);
    const { entries, refused } = await readMembers({ ledger, content, products }, latest);
    if (entries.length === 0) throw nothingPublished();
    return { plan: planCatalog(entries, { ...shared, siteId }, (sha256) => content.pathOf(sha256)), refused };
  } finally {
    await stores.close();
  }
}

/** Another vendor's catalog with our edits in it; who signed its installers is as that vendor said. */
async function fromImported(
  source: string,
  shared: { readonly catalog: { readonly name: string }; readonly catalogFolders: 'many' | 'one' },
): Promise<Planned> {
  return withStores(async ({ ledger, content, siteId }) => {
    const catalog = (await ledger.importedCatalogs()).find((one) => one.source === source);
    if (catalog === undefined) throw notImported(source);
    const items = await itemsOfImported({ ledger, content }, source);
    const plan = planCatalog(items, { ...shared, siteId }, (sha256) => content.pathOf(sha256));
    const { modified } = plan.root;
    const certificates = [];
    for (const { thumbprint, sha256 } of catalog.certificates)
      certificates.push({
        name: `ContentCertificates\\${thumbprint}.cer`,
        modified,
        content: { bytes: await content.get(sha256) },
      });
    return { plan: { ...plan, certificates }, refused: [] };
  });
}

function notImported(source: string): PermanentError {
  return new PermanentError('not-found', 'no catalog was imported under this name', {
    where: source,
    nextStep: 'list them: patchpress catalog imported',
  });
}

function nothingPublished(): PermanentError {
  return new PermanentError('not-found', 'nothing is published', {
    expected: 'updates in the ledger',
    nextStep: 'sync a product, or name a folder of documents with --sdp',
  });
}

function contentDir(settings: Settings): string {
  return join(projectPath(settings.dataDir), 'content');
}

function countsOf(plan: CatalogPlan, { sizeBytes, packed, reused }: WrittenCatalog) {
  return {
    sizeBytes,
    updates: plan.groups.flat().length,
    // All lists but the manifest and the list of the categories.
    categories: plan.lists.length - 2,
    certificates: plan.certificates.length,
    folders: plan.folders,
    groups: { packed, reused },
    isSigned: false,
  };
}

function textOf(
  result: ReturnType<typeof countsOf> & { out: string; refused: readonly RefusedMember[] },
): string {
  const { out, updates, categories, certificates, sizeBytes, groups, refused } = result;
  return [
    `${out}: ${updates} updates, ${categories} categories, ${certificates} certificates, ${sizeBytes} bytes`,
    `${groups.packed} groups packed, ${groups.reused} reused`,
    'not signed: a site does not take it so; patchpress cab sign makes a signed copy',
    ...(certificates === 0 ? ['no content certificates: a site cannot publish content (11523)'] : []),
    ...refused.map(({ packageId, reason }) => `left out: ${packageId}: ${reason}`),
  ].join('\n');
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
