import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The app role's own key: with it the app vouches for what it asks the signer to sign. */
export interface AttestationKey {
  /** PEM. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Made at the first start; the public half lies beside it for a signer of its own. */
export function openAttestationKey(dataDir: string): AttestationKey {
  const file = join(dataDir, 'keys', 'attestation.pem');
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeOnce(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  }
  const privateKey = readFileSync(file, 'utf8');
  const publicKey = createPublicKey(createPrivateKey(privateKey))
    .export({ type: 'spki', format: 'pem' })
    .toString();
  writeOnce(publicKeyFile(dataDir), publicKey, 0o644);
  return { privateKey, publicKey };
}

export function publicKeyFile(dataDir: string): string {
  return join(dataDir, 'keys', 'attestation.pub.pem');
}

/** The first of several processes writes, the others read what it wrote. */
export function writeOnce(file: string, content: string | Buffer, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  try {
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
