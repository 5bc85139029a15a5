import type { SignatureReport } from '../../core/installer.js';

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
