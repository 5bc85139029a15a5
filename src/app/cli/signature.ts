import { loadSettings } from '../../config/settings.js';
import type { SignatureReport } from '../../core/installer.js';
import { verifyFileSignature } from '../../trust/index.js';
import { trustFrom } from '../configure.js';
import { readCertificateBundle } from '../pem.js';

/** With the roots of the settings, or with those of a PEM file in their place. */
export function verifyWith(file: string, trust: string | undefined): SignatureReport {
  const anchors = trustFrom(loadSettings());
  if (trust === undefined) return verifyFileSignature(file, anchors, new Date());
  const roots = readCertificateBundle(trust, '--trust');
  const named = { codeSigningRoots: roots, timestampRoots: [...anchors.timestampRoots, ...roots] };
  return verifyFileSignature(file, named, new Date());
}

/** Who signed a file, in words. */
export function describeSignature(report: SignatureReport): string {
  if (report.status === 'unsigned') return 'not signed';
  if (report.status === 'invalid') return `signature not valid: ${report.reason} (${report.detail})`;
  const time = report.timestamp === null ? 'no timestamp' : `timestamp ${report.timestamp.time}`;
  return `signed by ${report.signer.subject}, ${report.digestAlgorithm}, ${time}`;
}

/** For machines: the report without the certificate's bytes. */
export function signatureFacts(report: SignatureReport): unknown {
  if (report.status !== 'valid') return report;
  const { certificateDer: _, ...signer } = report.signer;
  return { ...report, signer };
}
