import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignerCertificate, SignerOptions } from '../../signing/server.js';
import { projectPath, type Settings } from '../config/settings.js';
import { startNodeChild } from './children/node-child.js';
import { trustFrom } from './configure.js';
import { publicKeyFile } from './keys.js';

/** Everything the signer is told; plain data, so that it can be sent to a child. */
export type SignerConfiguration = Omit<SignerOptions, 'now'>;

export interface SignerReady extends SignerCertificate {
  /** What content is signed with; null: nothing is. */
  readonly content: SignerCertificate | null;
}

export function signerSocket(dataDir: string): string {
  return join(dataDir, 'signer', 'run', 'signer.sock');
}

export function signerConfiguration(settings: Settings, dataDir: string): SignerConfiguration {
  const { keyFile, contentKeyFile, keyPasswordFile, timestampUrls, publisherName } = settings.signer;
  const privateFile = (name: string) => join(dataDir, 'signer', 'private', name);
  return {
    socketPath: signerSocket(dataDir),
    contentDir: join(dataDir, 'content'),
    keyFile: keyFile === undefined ? privateFile('catalog.pem') : projectPath(keyFile),
    ...contentKey(contentKeyFile, keyFile === undefined ? privateFile('content.pem') : null),
    ...(keyPasswordFile === undefined
      ? {}
      : { keyPassword: readFileSync(projectPath(keyPasswordFile), 'utf8').trim() }),
    createIfMissing: keyFile === undefined,
    attestorPublicKey: readFileSync(publicKeyFile(dataDir), 'utf8'),
    timestampUrls,
    timestampRoots: trustFrom(settings).timestampRoots,
    publisherName,
  };
}

/** Beside a catalog key that was made for a first try, a content key is made too; else there is one only where it is named. */
function contentKey(named: string | undefined, own: string | null): Pick<SignerOptions, 'contentKeyFile'> {
  if (named !== undefined) return { contentKeyFile: projectPath(named) };
  return own === null ? {} : { contentKeyFile: own };
}

/** The signer as a process of its own that ends with us. */
export function startSignerChild(configuration: SignerConfiguration) {
  return startNodeChild<SignerReady>('signer', configuration);
}
