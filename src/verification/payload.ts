import { bufferSource } from '../core/bytes.js';
import { PermanentError } from '../core/errors.js';
import type { SignatureReport } from '../core/installer.js';
import { type Cabinet, readCabinet } from '../formats/cab/index.js';
import type { UpdateClientDeps } from './client.js';
import type { ExtendedFacts } from './metadata.js';
import { ContentUnavailable, contentAddress, DigestMismatch, downloadContent } from './wusp/content.js';

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

export interface UpdateContent {
  readonly sizeBytes: number;
  /** The members of the cabinet. */
  readonly members: Cabinet;
}

/** Downloads the update's one cabinet, checks digests and signature, opens it. Throws InstallRefused. */
export async function fetchContent(
  deps: Pick<UpdateClientDeps, 'transport' | 'base' | 'trust' | 'verifySignature'>,
  details: ExtendedFacts,
  locations: ReadonlyMap<string, string>,
): Promise<UpdateContent> {
  const [file] = details.files;
  if (file === undefined || details.files.length !== 1) {
    throw new InstallRefused(HRESULT.invalidMetadata, `the update has ${details.files.length} files`);
  }
  const url = locations.get(file.sha1);
  if (url === undefined)
    throw new InstallRefused(HRESULT.noContent, 'the server names no address for the file');
  if (file.sizeBytes > MAX_CONTENT_BYTES) {
    throw new InstallRefused(HRESULT.invalidMetadata, `a file of ${file.sizeBytes} bytes`);
  }
  const bytes = await download(deps, url, file);
  const report = await deps.verifySignature(bytes, deps.trust.anchors);
  requireTrusted(report, deps.trust.trustedPublishers);
  return { sizeBytes: bytes.length, members: openCabinet(bytes) };
}

async function download(
  deps: Pick<UpdateClientDeps, 'transport' | 'base'>,
  url: string,
  file: ExtendedFacts['files'][number],
): Promise<Buffer> {
  try {
    return await downloadContent(deps.transport, contentAddress(deps.base, url), file);
  } catch (error) {
    if (error instanceof DigestMismatch) throw new InstallRefused(HRESULT.wrongHash, error.message);
    if (error instanceof ContentUnavailable) throw new InstallRefused(HRESULT.noContent, error.message);
    throw error;
  }
}

const SIGNATURE_HRESULT: Readonly<Record<string, number>> = {
  'untrusted-root': HRESULT.untrustedRoot,
  'digest-mismatch': HRESULT.badDigest,
  expired: HRESULT.expired,
};

/** Both stores count: the root must be trusted and the signer must be a trusted publisher. */
function requireTrusted(report: SignatureReport, publishers: readonly string[]): void {
  if (report.status === 'unsigned') throw new InstallRefused(HRESULT.unsigned, 'the content is not signed');
  if (report.status === 'invalid') {
    throw new InstallRefused(
      SIGNATURE_HRESULT[report.reason] ?? HRESULT.badSignature,
      `the signature of the content is not valid: ${report.reason}, ${report.detail}`,
    );
  }
  if (publishers.includes(report.signer.thumbprint.toUpperCase())) return;
  throw new InstallRefused(
    HRESULT.untrustedPublisher,
    `the signer of the content is not a trusted publisher: ${report.signer.subject}`,
  );
}

function openCabinet(bytes: Buffer): Cabinet {
  try {
    return readCabinet(bufferSource(bytes), { maxDecodedBytes: MAX_EXPANDED_BYTES });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw new InstallRefused(HRESULT.invalidMetadata, `the content is no cabinet: ${error.message}`);
  }
}
