import { createHash } from 'node:crypto';
import { PermanentError } from '../../core/errors.js';
import type { ContentStore, LedgerReader, ProductCatalog } from '../../core/ports.js';
import type { Attestation, RevisionRecord, UpdateRecord } from '../../core/records.js';
import { attributeOf, childOf, parseXml } from '../../text/xml/index.js';

const MAX_SDP_BYTES = 8 << 20;

/** One update as the catalog carries it, everything of it checked against each other. */
export interface CatalogEntry {
  readonly update: UpdateRecord;
  readonly revision: RevisionRecord;
  readonly attestation: Attestation;
  /** Who signed the vendor's file (configmgr-catalog 1.6). */
  readonly contentCertificate: { readonly thumbprint: string; readonly der: Buffer };
  readonly vendor: string;
}

interface RevisionId {
  readonly packageId: string;
  readonly revision: number;
}

export interface EntryDeps {
  readonly ledger: LedgerReader;
  readonly content: ContentStore;
  readonly products: ProductCatalog;
}

/** The category of products whose definition was removed: what was published stays in the catalog. */
const NO_VENDOR = 'Other';

/**
 * Reads one revision and checks its document. PermanentError `not-found`, `catalog.invalid`, `content.missing` or `content.corrupt` tells what of
 * this update is broken; it says nothing about the others.
 */
export async function loadEntry(deps: EntryDeps, of: RevisionId): Promise<CatalogEntry> {
  const entry = await loadCheckedEntry(deps, of);
  checkDocument(await deps.content.get(entry.revision.sdpSha256), entry.revision);
  return entry;
}

/** The same for one that a catalog carries: its document was checked, and its digest says that it is still the same. */
export async function loadCheckedEntry(deps: EntryDeps, of: RevisionId): Promise<CatalogEntry> {
  const update = await deps.ledger.update(of.packageId);
  const revision = await deps.ledger.revision(of.packageId, of.revision);
  if (update === null || revision === null) {
    throw new PermanentError('not-found', 'the update to publish was never built', {
      where: `${of.packageId} revision ${of.revision}`,
      nextStep: 'sync the product',
    });
  }
  if (update.route !== 'catalog') throw invalid(of, 'the route of the update', 'catalog', update.route);
  return {
    update,
    revision,
    attestation: requireAttestation(revision),
    contentCertificate: await readContentCertificate(deps.ledger, update, of),
    vendor: deps.products.get(update.productId)?.vendor ?? NO_VENDOR,
  };
}

function requireAttestation(revision: RevisionRecord): Attestation {
  const { attestation } = revision;
  if (attestation === null)
    throw invalid(revision, 'the attestation', 'one, made by the signing stage', 'none');
  for (const what of ['packageId', 'revision', 'sdpSha256', 'proofSha256'] as const) {
    if (attestation[what] !== revision[what]) {
      throw invalid(revision, `${what} of the attestation`, `${revision[what]}`, `${attestation[what]}`);
    }
  }
  return attestation;
}

function checkDocument(sdp: Buffer, revision: RevisionRecord): void {
  const document = parseXml(sdp, { where: revision.packageId, maxBytes: MAX_SDP_BYTES });
  const properties = childOf(document, 'Properties');
  const facts = {
    PackageID: { expected: revision.packageId, found: properties && attributeOf(properties, 'PackageID') },
    CreationDate: {
      expected: revision.creationDate,
      found: properties && attributeOf(properties, 'CreationDate'),
    },
  };
  for (const [what, { expected, found }] of Object.entries(facts)) {
    if (expected !== found) throw invalid(revision, `${what} of the document`, expected, found ?? 'none');
  }
}

async function readContentCertificate(
  ledger: LedgerReader,
  update: UpdateRecord,
  of: RevisionId,
): Promise<CatalogEntry['contentCertificate']> {
  const installer = await ledger.installer(update.productId, update.version, update.variant);
  if (installer?.signature.status !== 'valid') {
    throw invalid(of, "the vendor's signature", 'valid', installer?.signature.status ?? 'no installer');
  }
  const der = installer.signature.signer.certificateDer;
  return { der, thumbprint: createHash('sha1').update(der).digest('hex').toUpperCase() };
}

function invalid(of: RevisionId, what: string, expected: string, found: string): PermanentError {
  return new PermanentError('catalog.invalid', `${what} does not fit: the update cannot be in a catalog`, {
    where: `${of.packageId} revision ${of.revision}`,
    expected,
    found,
    nextStep: 'republish the update; if that does not help, report it',
  });
}
