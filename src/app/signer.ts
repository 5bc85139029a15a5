import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignerOptions } from '../../signing/server.js';
import { projectPath, type Settings } from '../config/settings.js';
import { startNodeChild } from './children/node-child.js';
import { trustFrom } from './configure.js';
import { publicKeyFile } from './keys.js';

/** Everything the signer is told; plain data, so that it can be sent to a child. */
export type SignerConfiguration = Omit<SignerOptions, 'now'>;

export interface SignerReady {
  readonly subject: string;
  /** Upper-case SHA-1. */
  readonly thumbprint: string;
  readonly der: Buffer;
}

export function signerSocket(dataDir: string): string {
  return join(dataDir, 'signer', 'run', 'signer.sock');
}

export function signerConfiguration(settings: Settings, dataDir: string): SignerConfiguration {
  const { keyFile, keyPasswordFile, timestampUrls, publisherName } = settings.signer;
  return {
    socketPath: signerSocket(dataDir),
    contentDir: join(dataDir, 'content'),
    keyFile: keyFile === undefined ? join(dataDir, 'signer', 'private', 'catalog.pem') : projectPath(keyFile),
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

/** The signer as a process of its own that ends with us. */
export function startSignerChild(configuration: SignerConfiguration) {
  return startNodeChild<SignerReady>('signer', configuration);
}
