import { createPrivateKey, createPublicKey } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createAttestorKey } from '../../signing/attestation.js';

/** The app role's own key: with it the app vouches for what it asks the signer to sign. */
export interface AttestationKey {
  /** PEM. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Made at the first start; the public half lies beside the signer's socket, for a signer of its own. */
export function openAttestationKey(dataDir: string): AttestationKey {
  const file = join(dataDir, 'keys', 'attestation.pem');
  if (!existsSync(file)) {
    writeOnce(file, createAttestorKey().privateKey);
  }
  const privateKey = readFileSync(file, 'utf8');
  const publicKey = createPublicKey(createPrivateKey(privateKey))
    .export({ type: 'spki', format: 'pem' })
    .toString();
  writeOnce(publicKeyFile(dataDir), publicKey, 0o644);
  return { privateKey, publicKey };
}

export function publicKeyFile(dataDir: string): string {
  return join(dataDir, 'signer', 'run', 'attestation.pub.pem');
}

/** The first of several processes writes, the others read what it wrote; after a kill it is there whole or not at all. */
export function writeOnce(file: string, content: string, mode = 0o600): void {
  const fresh = writeFresh(file, content, mode);
  try {
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(fresh);
  }
}

/** The file is the old or the new one, never half. */
export function replaceFile(file: string, content: string, mode = 0o600): void {
  renameSync(writeFresh(file, content, mode), file);
}

function writeFresh(file: string, content: string, mode: number): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}.new`;
  writeFileSync(fresh, content, { mode, flush: true });
  return fresh;
}
