import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readCabinet, writeCabinet } from '../../../formats/cab/index.js';
import { withFileSource } from '../../../formats/file-source.js';
import { adopt, contentFile, MAX_CONTENT_BYTES, requireOwnSignature } from '../content/publish.js';
import { downloadTo } from '../outbound.js';
import type { PackageFacts } from '../package-facts.js';
import { digestFile, verifyFile } from '../signatures.js';
import type { StoredContent } from '../state.js';
import type { World } from '../world.js';
import type { FetchedFile } from './calls.js';
import { PublishFault } from './fault.js';

/** `PublishPackage`: the files of a folder become one cabinet that the server signs with its own certificate. */
export async function packPayload(
  world: World,
  facts: PackageFacts,
  files: readonly FetchedFile[],
): Promise<StoredContent> {
  const unsigned = join(world.workFolder, 'local-unsigned.cab');
  const signed = join(world.workFolder, 'local-signed.cab');
  const folder = files.map((file, index) => ({ file, path: join(world.workFolder, `payload-${index}`) }));
  try {
    for (const { file, path } of folder) await fetchFile(world, file, path);
    const modified = facts.originFile?.modified ?? world.options.now().toISOString();
    const members = folder.map(({ file, path }) => ({ name: file.name, modified, content: { path } }));
    writeCabinet(members, unsigned, { signatureReserve: true });
    await world.options.signing.sign(unsigned, signed);
    await requireOwnSignature(world, signed);
    return await store(world, facts, signed, null);
  } finally {
    for (const path of [unsigned, signed, ...folder.map((entry) => entry.path)])
      rmSync(path, { force: true });
  }
}

/** `ResignPackage`: what is in the stored cabinet, packed and signed again with the certificate of now. */
export async function signAgain(
  world: World,
  facts: PackageFacts,
  stored: StoredContent,
): Promise<StoredContent> {
  const unsigned = join(world.workFolder, 'again-unsigned.cab');
  const signed = join(world.workFolder, 'again-signed.cab');
  try {
    const members = withFileSource(contentFile(world.contentFolder, stored.sha1), (source) => {
      const cabinet = readCabinet(source);
      return cabinet.members.map((member) => ({
        name: member.name,
        modified: stored.modified,
        content: { bytes: cabinet.extract(member, MAX_CONTENT_BYTES) },
      }));
    });
    writeCabinet(members, unsigned, { signatureReserve: true });
    await world.options.signing.sign(unsigned, signed);
    await requireOwnSignature(world, signed);
    return await store(world, facts, signed, null);
  } finally {
    for (const path of [unsigned, signed]) rmSync(path, { force: true });
  }
}

/** `PublishSignedPackage`: the cabinet comes signed; who signed it must be a publisher that this server trusts. */
export async function takeSignedCabinet(
  world: World,
  facts: PackageFacts,
  cabinet: FetchedFile,
): Promise<StoredContent> {
  const path = join(world.workFolder, 'signed-elsewhere.cab');
  try {
    await fetchFile(world, cabinet, path);
    const signer = await requireTrustedPublisher(world, path, cabinet.name);
    return await store(world, facts, path, signer);
  } finally {
    rmSync(path, { force: true });
  }
}

async function fetchFile(world: World, file: FetchedFile, path: string): Promise<void> {
  if (/[\\/:*?"<>|]/.test(file.name) || file.name.startsWith('.')) {
    throw new PublishFault('fetch', 'ArgumentException', `${file.name} is not the name of a file`);
  }
  const limit = { maxBytes: MAX_CONTENT_BYTES };
  const found = await downloadTo(world.options.outbound, file.url, path, limit).catch((error: unknown) => {
    throw new PublishFault('fetch', 'WebException', error instanceof Error ? error.message : String(error));
  });
  const sha256 = found?.sha256.toString('hex');
  if (sha256 === file.sha256) return;
  throw new PublishFault(
    'fetch',
    'InvalidDataException',
    `${file.name}: expected ${file.sha256}, found ${sha256}`,
  );
}

/** Returns the subject of who signed it. */
async function requireTrustedPublisher(world: World, path: string, name: string): Promise<string> {
  const { trustedPublishers } = world.options;
  const anchors = trustedPublishers?.anchors ?? world.options.signing.trust;
  const report = await verifyFile(path, anchors, world.options.now());
  const thumbprints = trustedPublishers?.thumbprints ?? [world.options.signing.thumbprint];
  if (report.status === 'valid' && thumbprints.includes(report.signer.thumbprint))
    return report.signer.subject;
  const found =
    report.status === 'valid'
      ? `${report.signer.subject} is no trusted publisher`
      : report.status === 'unsigned'
        ? 'no signature'
        : `${report.reason}, ${report.detail}`;
  throw new PublishFault(
    'PublishSignedPackage',
    'InvalidOperationException',
    `Verification of file signature failed for file: ${name} (${found})`,
  );
}

async function store(
  world: World,
  facts: PackageFacts,
  path: string,
  signer: string | null,
): Promise<StoredContent> {
  const { originFile } = facts;
  if (originFile === null || facts.itemId === null) {
    throw new PublishFault(
      'GetPublisher',
      'InvalidDataException',
      'the package has no item with an OriginFile',
    );
  }
  const digests = await digestFile(path);
  adopt(path, contentFile(world.contentFolder, digests.sha1));
  return {
    ...digests,
    fileName: `${facts.itemId}_1.cab`,
    modified: world.options.now().toISOString(),
    origin: { sha1: originFile.digest, sha256: originFile.sha256 ?? '', sizeBytes: originFile.sizeBytes },
    // The server does not look who signed what is inside.
    originSigner: null,
    signer,
  };
}
