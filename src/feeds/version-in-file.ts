import { PermanentError, printable } from '../core/errors.js';
import type { FeedFinding } from '../core/feed-health/index.js';
import { decisionIdOf } from '../core/identity.js';
import type { FileDigests } from '../core/installer.js';
import type { Compute, ContentStore } from '../core/ports.js';
import type { FeedStateRecord, InstallerRecord } from '../core/records.js';
import type { FeedResponse, Release } from '../core/release.js';
import type { StageContext, StageResult } from '../core/stage.js';
import type { Source } from './source.js';

export interface FileDeps {
  /** Downloads into the content store, on from where an earlier try broke off. Throws as `HttpClient.download` does. */
  readonly acquireFile: (
    url: string,
    signal: AbortSignal,
  ) => Promise<FileDigests & { readonly modified: string; readonly finalUrl: string }>;
  readonly content: Pick<ContentStore, 'pathOf'>;
  readonly compute: Compute;
}

/** What stands at a fixed address, and what it says of itself. */
export type FeedFile = NonNullable<FeedStateRecord['file']>;

/**
 * The file of which this is the head: as it was looked into before, where the validators are the same, else downloaded
 * and inspected. Throws what the download throws, or PermanentError `installer.malformed`, `download.refused`.
 */
export async function lookIntoFile(
  { acquireFile, content, compute }: FileDeps,
  { product }: Source,
  { url, response, before }: { url: string; response: FeedResponse; before: FeedFile | null },
  signal: AbortSignal,
): Promise<FeedFile> {
  if (product.automation === 'forbidden') throw forbidden(product.id);
  const { etag = null, 'last-modified': lastModified = null } = response.headers;
  if (before !== null && isSame(before, { etag, lastModified })) return before;
  const { href } = new URL(url);
  const { finalUrl, modified, sizeBytes, sha256, sha1 } = await acquireFile(href, signal);
  const { version } = await compute.run('inspectInstaller', { path: content.pathOf(sha256) });
  const digests = { sha1, sha256, sha512: null };
  const asset = { name: nameOf(href, finalUrl), url: href, sizeBytes, modified, digests };
  return { etag, lastModified, version: version?.trim() || null, asset };
}

type Validators = Pick<FeedFile, 'etag' | 'lastModified'>;

/** Some hosts answer in full to a condition that holds; a host without validators tells nothing. */
function isSame(before: Validators, now: Validators): boolean {
  if (before.etag !== null || now.etag !== null) return before.etag === now.etag;
  return before.lastModified !== null && before.lastModified === now.lastModified;
}

/** The name in the address, or, where that is none of a file (`/download?os=win`), the one where it leads to. */
function nameOf(url: string, finalUrl: string): string {
  const names = [url, finalUrl].map((one) => new URL(one).pathname.split('/').at(-1) ?? '');
  return names.find((name) => /\.(?:exe|msi)$/i.test(name)) ?? names[0] ?? '';
}

/** The release that the file is; null: its version cannot be told. */
export function releaseInFile(file: FeedFile, { scheme }: Source): Release | null {
  const { version, asset, lastModified } = file;
  if (version === null || !scheme.isVersion(version)) return null;
  const time = Date.parse(lastModified ?? '');
  return {
    version,
    prerelease: false,
    publishedAt: Number.isNaN(time) ? null : new Date(time).toISOString(),
    assets: [asset],
    notesUrl: null,
    withdrawn: false,
    isVersionInFile: true,
  };
}

/** Why a changed file is no release, for a person. */
export interface FileDoubt {
  readonly code: 'version-unknown' | 'digest-changed';
  readonly reason: string;
  readonly nextStep: string;
}

export function describeUntold({ product }: Source, { version, asset }: FeedFile): FileDoubt {
  const said =
    version === null ? 'says no version' : `says the version ${JSON.stringify(printable(version, 80))}`;
  return {
    code: 'version-unknown',
    reason: `the file at ${printable(asset.url, 300)} ${said}, and nothing else tells it (sha256 ${asset.digests.sha256})`,
    nextStep:
      version === null
        ? "give the product a feed that shows its version; the vendor's page or its updater often has one"
        : `give the product a version scheme that knows it (now ${product.versionScheme}), or a feed that shows its version`,
  };
}

/**
 * A vendor signs the same version again, builds it again, or gives its files a version that never rises; or someone else
 * put a file there. Nothing here tells which.
 */
export function describeOtherBytes(
  { version, assets: [asset] }: Release,
  { acquired, finding }: { readonly acquired: readonly InstallerRecord[]; readonly finding: FeedFinding },
): FileDoubt {
  const known = acquired.find(({ url }) => url === asset?.url);
  if (asset === undefined || known === undefined) return { ...finding, code: 'digest-changed' };
  return {
    code: 'digest-changed',
    reason: `the file at ${printable(asset.url, 300)} has changed and still says ${version}: sha256 was ${known.sha256}, is ${asset.digests.sha256}`,
    nextStep:
      'compare the two and their signatures (`patchpress inspect FILE`): if the vendor only signed or built it again, nothing is to do, the bytes first seen stay published; if it is a newer release whose file does not say so, give the product a feed that shows its version; otherwise ask the vendor',
  };
}

/** Its reason is no version that a person could approve: the decision names none. */
export function holdFile(
  { product }: Source,
  { code, reason, nextStep }: FileDoubt,
  { context, now }: { readonly context: StageContext; readonly now: Date },
): StageResult {
  const workKey = `${product.id}//`;
  const decidedAt = now.toISOString();
  const id = decisionIdOf('feeds', workKey, decidedAt);
  const record = { id, gate: 'feeds', workKey, verdict: 'hold', reason, facts: { code }, decidedAt } as const;
  context.record((ledger) => ledger.putDecision(record));
  return { outcome: 'held', code, reason, nextStep };
}

function forbidden(productId: string): PermanentError {
  return new PermanentError('download.refused', 'its vendor forbids automated download', {
    where: productId,
    nextStep: 'download it by hand, or ask the vendor',
  });
}
