import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describeFault, PermanentError } from '../core/errors.js';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle as DER. PermanentError `configuration.invalid` for a file without any. */
export function readCertificateBundle(file: string, member: string): readonly Uint8Array[] {
  try {
    const blocks = readFileSync(file, 'utf8').match(BLOCK) ?? [];
    if (blocks.length === 0) throw new Error('no certificate in it');
    return blocks.map((block) => new X509Certificate(block).raw);
  } catch (error) {
    throw new PermanentError('configuration.invalid', 'a bundle of certificates cannot be read', {
      where: `${member}: ${file}`,
      expected: 'PEM, one certificate after the other',
      found: describeFault(error),
      nextStep: `correct ${member} in the settings`,
      cause: error,
    });
  }
}

export function pemOf(der: Uint8Array): string {
  return new X509Certificate(der).toString();
}
