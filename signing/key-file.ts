import { randomUUID, X509Certificate } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PermanentError } from '../src/core/errors.js';
import { type CertifiedKey, createSelfSignedCodeSigning, openPkcs12 } from './certificates/index.js';

const MAX_BYTES = 1 << 20;

export interface KeyFile {
  readonly path: string;
  /** Of a PKCS#12 file. */
  readonly password: string;
  /** Makes a self-signed certificate with this subject when there is no file; null: it must be there. */
  readonly createSubject: string | null;
}

/**
 * The signing key with its certificate and issuers: PEM (key, certificate, issuers in this order or any) or PKCS#12.
 * PermanentError `configuration.invalid`, also where anyone but the owner may read the file.
 */
export async function openKeyFile(file: KeyFile, now: Date): Promise<CertifiedKey> {
  if (file.createSubject !== null) await createIfMissing(file.path, file.createSubject, now);
  const bytes = await readPrivate(file.path);
  // PKCS#12 is one SEQUENCE; PEM is text.
  return bytes[0] === 0x30 ? openPkcs12(bytes, file.password) : parsePem(bytes.toString('utf8'), file.path);
}

async function readPrivate(path: string): Promise<Buffer> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unusable(path, 'a file with the key', 'none that can be read', cause);
  });
  if ((found.mode & 0o077) !== 0) {
    throw unusable(path, 'mode 600: nobody but the signer reads the key', `mode ${modeText(found.mode)}`);
  }
  if (found.size > MAX_BYTES) throw unusable(path, `at most ${MAX_BYTES} bytes`, `${found.size} bytes`);
  return readFile(path);
}

function parsePem(text: string, path: string): CertifiedKey {
  const blocks = text.match(/-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----/g) ?? [];
  const keys = blocks.filter((block) => /^-----BEGIN (?:RSA )?PRIVATE KEY-----/.test(block));
  const [certificate, ...chain] = blocks
    .filter((block) => block.startsWith('-----BEGIN CERTIFICATE-----'))
    .map((block) => certificateText(block, path));
  const [key] = keys;
  if (keys.length === 1 && key !== undefined && certificate !== undefined) return { certificate, key, chain };
  throw unusable(
    path,
    'one private key that is not encrypted, its certificate, then the issuers',
    `${keys.length} keys, ${blocks.length} blocks`,
  );
}

function certificateText(pem: string, path: string): string {
  try {
    return new X509Certificate(pem).toString();
  } catch (cause) {
    throw unusable(path, 'a certificate', 'something else', cause);
  }
}

/** The file appears whole or not at all, and the first of two signers wins. */
async function createIfMissing(path: string, subject: string, now: Date): Promise<void> {
  if ((await stat(path).catch(() => null)) !== null) return;
  const made = createSelfSignedCodeSigning({ subject, now });
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFlushed(temporary, `${made.key}${made.certificate}`);
    await link(temporary, path).catch((error: unknown) => {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    });
    const opened = await open(folder, 'r');
    await opened.sync().finally(() => opened.close());
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeFlushed(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function modeText(mode: number): string {
  return (mode & 0o777).toString(8);
}

function unusable(path: string, expected: string, found: string, cause?: unknown): PermanentError {
  return new PermanentError('configuration.invalid', 'the key file of the signer cannot be used', {
    where: path,
    expected,
    found,
    nextStep: 'correct the file; the signer needs it to start',
    cause,
  });
}
