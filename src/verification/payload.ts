import { join } from 'node:path';
import { PermanentError } from '../core/errors.js';
import type { SignatureReport } from '../core/installer.js';
import { type Cabinet, readCabinet } from '../formats/cab/index.js';
import { withFileSource } from '../formats/file-source.js';
import type { UpdateClientDeps } from './client.js';
import type { ExtendedFacts } from './metadata.js';
import { ContentUnavailable, DigestMismatch, downloadContent, type ExpectedFile } from './wusp/content.js';

/** What a real agent reports (winerror.h, wuerror.h). */
export const HRESULT = {
  /** CERT_E_UNTRUSTEDROOT */
  untrustedRoot: 0x800b0109,
  /** TRUST_E_SUBJECT_NOT_TRUSTED: the root is trusted, the publisher is not */
  untrustedPublisher: 0x800b0004,
  /** TRUST_E_NOSIGNATURE */
  unsigned: 0x800b0100,
  /** TRUST_E_BAD_DIGEST */
  badDigest: 0x80096010,
  /** CERT_E_EXPIRED */
  expired: 0x800b0101,
  /** TRUST_E_FAIL */
  badSignature: 0x800b010b,
  /** WU_E_DM_INCORRECTFILEHASH */
  wrongHash: 0x80246002,
  /** WU_E_DM_NOTDOWNLOADED */
  notDownloaded: 0x80246007,
  /** WU_E_DM_FAILTOCONNECTTOBITS and its like: the content is not to be had */
  noContent: 0x80246008,
  /** WU_E_UH_INVALIDMETADATA */
  invalidMetadata: 0x80242006,
  /** WU_E_NOT_APPLICABLE */
  notApplicable: 0x80240017,
  /** WU_E_ITEMNOTFOUND */
  notFound: 0x80240034,
  /** WU_E_INSTALL_... : the installer itself failed */
  installFailed: 0x80240022,
} as const;

/** The client does not install an update, and why. */
export class InstallRefused extends Error {
  override readonly name = 'InstallRefused';
  constructor(
    readonly hresult: number,
    reason: string,
    readonly exitCode: number | null = null,
  ) {
    super(reason);
  }

  get phase(): 'download' | 'install' {
    return INSTALL_PHASE.has(this.hresult) ? 'install' : 'download';
  }
}

const INSTALL_PHASE: ReadonlySet<number> = new Set([
  HRESULT.installFailed,
  HRESULT.notApplicable,
  HRESULT.invalidMetadata,
]);

const MAX_CONTENT_BYTES = 2 * 1024 * 1024 * 1024 - 1;
const MAX_EXPANDED_BYTES = MAX_CONTENT_BYTES;

/** A file that a command is looked for in. */
export interface ContentFile {
  readonly name: string;
  /** Where its bytes are; they may be more than memory holds. */
  readonly path: string;
  /** False: the file is run as it is. */
  readonly isCabinet: boolean;
}

/** One file of an update, downloaded and trusted. */
export interface FetchedFile extends ContentFile {
  readonly expected: ExpectedFile;
  readonly address: string;
  readonly signature: SignatureReport;
}

export interface ContentDeps extends Pick<UpdateClientDeps, 'transport' | 'trust' | 'verifySignature'> {
  /** How this client reaches what the server names. */
  addressOf(url: string): string;
  /** Where files are downloaded to, named by their SHA-1. */
  readonly folder: string;
}

/** Downloads the update's files, checks digests and signatures, opens cabinets. Throws InstallRefused. */
export async function fetchContent(
  deps: ContentDeps,
  details: ExtendedFacts,
  locations: ReadonlyMap<string, string>,
): Promise<readonly FetchedFile[]> {
  if (details.files.length === 0) throw new InstallRefused(HRESULT.invalidMetadata, 'the update has 0 files');
  const sizeBytes = details.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (sizeBytes > MAX_CONTENT_BYTES) {
    throw new InstallRefused(HRESULT.invalidMetadata, `files of ${sizeBytes} bytes`);
  }
  const fetched: FetchedFile[] = [];
  for (const file of details.files) fetched.push(await fetchFile(deps, file, locations.get(file.sha1)));
  return fetched;
}

async function fetchFile(
  deps: ContentDeps,
  file: ExpectedFile,
  url: string | undefined,
): Promise<FetchedFile> {
  if (url === undefined)
    throw new InstallRefused(HRESULT.noContent, 'the server names no address for the file');
  const { address, path } = await download(deps, url, file);
  const signature = await deps.verifySignature(path, deps.trust.anchors);
  requireTrusted(signature, deps.trust.trustedPublishers);
  const isCabinet = withFileSource(path, (source) => source.read(0, 4).toString('latin1')) === 'MSCF';
  if (isCabinet) withCabinet(path, () => undefined);
  return { name: file.fileName, expected: file, address, signature, path, isCabinet };
}

async function download({ transport, addressOf, folder }: ContentDeps, url: string, file: ExpectedFile) {
  const path = join(folder, storedName(file));
  try {
    const address = addressOf(url);
    await downloadContent(transport, address, file, path);
    return { address, path };
  } catch (error) {
    if (error instanceof DigestMismatch) throw new InstallRefused(HRESULT.wrongHash, error.message);
    if (error instanceof ContentUnavailable) throw new InstallRefused(HRESULT.noContent, error.message);
    throw error;
  }
}

/** As servers name it: nothing of a stranger's name but its extension becomes part of a path. */
function storedName({ sha1, fileName }: ExpectedFile): string {
  const extension = /\.[0-9A-Za-z]{1,10}$/.exec(fileName)?.[0] ?? '';
  return `${Buffer.from(sha1, 'base64').toString('hex').toUpperCase()}${extension.toLowerCase()}`;
}

const SIGNATURE_HRESULT: Readonly<Record<string, number>> = {
  'untrusted-root': HRESULT.untrustedRoot,
  'digest-mismatch': HRESULT.badDigest,
  expired: HRESULT.expired,
};

/** Both stores count: the root must be trusted and the signer must be a trusted publisher. */
function requireTrusted(report: SignatureReport, publishers: readonly string[] | null): void {
  if (report.status === 'unsigned') throw new InstallRefused(HRESULT.unsigned, 'the content is not signed');
  if (report.status === 'invalid') {
    throw new InstallRefused(
      SIGNATURE_HRESULT[report.reason] ?? HRESULT.badSignature,
      `the signature of the content is not valid: ${report.reason}, ${report.detail}`,
    );
  }
  if (publishers === null || publishers.includes(report.signer.thumbprint.toUpperCase())) return;
  throw new InstallRefused(
    HRESULT.untrustedPublisher,
    `the signer of the content is not a trusted publisher: ${report.signer.subject}`,
  );
}

/** Opens the cabinet for `body`. One that cannot be read is the update's fault. Throws InstallRefused. */
export function withCabinet<Value>(path: string, body: (cabinet: Cabinet) => Value): Value {
  try {
    return withFileSource(path, (source) =>
      body(readCabinet(source, { maxDecodedBytes: MAX_EXPANDED_BYTES })),
    );
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw new InstallRefused(HRESULT.invalidMetadata, `the cabinet cannot be read: ${error.message}`);
  }
}
