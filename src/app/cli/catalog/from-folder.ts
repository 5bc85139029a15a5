import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PermanentError } from '../../../core/errors.js';
import type { CabinetMember } from '../../../core/ports.js';
import type { CatalogItem } from '../../../publishing/configmgr-catalog/build.js';
import { SDP } from '../../../sus/namespaces.js';
import { readPackage } from '../../../sus/sdp/index.js';
import { parseXml } from '../../../text/xml/index.js';
import { readInput } from '../metadata/read.js';

const MAX_SDP_BYTES = 8 << 20;

export interface FolderItems {
  readonly items: readonly CatalogItem[];
  /** By SHA-256. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * Every `*.sdp` below a folder. The category of an update is its first product name below its vendor. PermanentError
 * `not-found`, `package.invalid` with the file.
 */
export function itemsInFolder(folder: string): FolderItems {
  const paths = new Map<string, string>();
  const byId = new Map<string, string>();
  const items = filesIn(folder, '.sdp').map((path) => {
    const bytes = readInput(path);
    const item = itemOf(bytes, path);
    const before = byId.get(item.update.packageId);
    if (before !== undefined) throw invalid(path, 'a PackageID of its own', `the one of ${before}`);
    byId.set(item.update.packageId, path);
    paths.set(item.revision.sdpSha256, path);
    return item;
  });
  if (items.length === 0) {
    throw new PermanentError('not-found', 'there is no update document in the folder', {
      where: folder,
      expected: 'files named *.sdp',
      nextStep: 'name the folder that holds them',
    });
  }
  return { items, paths };
}

function itemOf(bytes: Buffer, path: string): CatalogItem {
  const root = parseXml(bytes, { where: path, maxBytes: MAX_SDP_BYTES });
  if (root.namespace !== SDP.namespace) {
    throw invalid(path, `a root element in ${SDP.namespace}`, root.namespace);
  }
  const { properties } = readPackage(root, path);
  const [product = 'Other'] = properties.productNames;
  return {
    update: { packageId: properties.packageId, productId: product, productName: product },
    vendor: properties.vendorName,
    revision: {
      creationDate: properties.creationDate,
      sdpSha256: createHash('sha256').update(bytes).digest('hex'),
    },
    contentCertificate: null,
  };
}

/** Members of `ContentCertificates`, named as configmgr-catalog 1.6 wants it. */
export function certificatesInFolder(folder: string, modified: string): readonly CabinetMember[] {
  return filesIn(folder, '.cer').map((path) => {
    const bytes = derOf(path);
    const thumbprint = createHash('sha1').update(bytes).digest('hex').toUpperCase();
    return { name: `ContentCertificates\\${thumbprint}.cer`, modified, content: { bytes } };
  });
}

function derOf(path: string): Buffer {
  try {
    return Buffer.from(new X509Certificate(readFileSync(path)).raw);
  } catch (cause) {
    throw new PermanentError('configuration.invalid', 'a certificate cannot be read', {
      where: path,
      expected: 'X.509, DER or PEM',
      nextStep: 'export it again, or take it out of the folder',
      cause,
    });
  }
}

function filesIn(folder: string, ending: string): readonly string[] {
  if (!existsSync(folder)) {
    throw new PermanentError('not-found', 'there is no such folder', {
      where: folder,
      nextStep: 'correct the path',
    });
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function invalid(where: string, expected: string, found: string): PermanentError {
  return new PermanentError('package.invalid', 'the document cannot be in a catalog', {
    where,
    expected,
    found,
    nextStep: 'correct it, or take it out of the folder; patchpress sdp validate tells more',
  });
}
