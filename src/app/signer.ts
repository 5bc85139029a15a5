import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignerCertificate, SignerOptions } from '../../signing/server.js';
import { projectPath, type Settings } from '../config/settings.js';
import { describeFault, PermanentError } from '../core/errors.js';
import type { Log } from '../core/ports.js';
import { startNodeChild } from './children/node-child.js';
import { trustFrom } from './configure.js';
import { publicKeyFile } from './keys.js';
import { socketPathFor } from './socket-path.js';

/** Everything the signer is told; plain data, so that it can be sent to a child. */
export type SignerConfiguration = Omit<SignerOptions, 'now'>;

export interface SignerReady extends SignerCertificate {
  /** What content is signed with; null: nothing is. */
  readonly content: SignerCertificate | null;
}

export function signerSocket(dataDir: string): string {
  return socketPathFor(join(dataDir, 'signer', 'run', 'signer.sock'));
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
    attestorPublicKey: readPublicKey(dataDir),
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

function readPublicKey(dataDir: string): string {
  const file = publicKeyFile(dataDir);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new PermanentError('configuration.invalid', 'the signer does not know yet who may ask it', {
    where: file,
    expected: "the public half of the service's key",
    nextStep: 'start the service once, then the signer',
  });
}

/** The signer as a process of its own that ends with us. */
export function startSignerChild(configuration: SignerConfiguration) {
  return startNodeChild<SignerReady>('signer', configuration);
}

const RESTART_AFTER_MS = 1000;

/** As `startSignerChild`, and started again when it ends: until then signing is tried again like any outage. */
export async function keepSignerChild(
  configuration: SignerConfiguration,
  log: Log,
): Promise<{ stop(): Promise<void> }> {
  let stopped = false;
  let child = await startSignerChild(configuration);
  const watch = (): void => {
    child.onUnexpectedEnd((code) => {
      log.error({ code }, 'the signer ended and is started again');
      setTimeout(restart, RESTART_AFTER_MS);
    });
  };
  const restart = (): void => {
    if (stopped) return;
    startSignerChild(configuration).then(
      (fresh) => {
        child = fresh;
        if (stopped) void fresh.stop();
        else watch();
      },
      (error: unknown) => {
        log.error({ error: describeFault(error) }, 'the signer does not start');
        setTimeout(restart, RESTART_AFTER_MS);
      },
    );
  };
  watch();
  return {
    async stop() {
      stopped = true;
      await child.stop();
    },
  };
}
