import { writeFileSync } from 'node:fs';
import { PermanentError, printable } from '../../../core/errors.js';
import { table } from '../../table.js';
import { withStores } from '../catalog/stores.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { requireBridge, UNTIL_THE_END } from './bridge.js';

/** `patchpress server list`. */
export async function listServer(output: OutputOptions): Promise<number> {
  const { updates } = await requireBridge().call({ verb: 'list-local' }, UNTIL_THE_END);
  const ours = await withStores(
    async ({ ledger }) => new Set((await ledger.updates()).map(({ packageId }) => packageId)),
  );
  const rows = updates.map((one) => ({ ...one, isOurs: ours.has(one.packageId) }));
  show(output, { updates: rows }, () => {
    if (rows.length === 0) return 'Nothing was published locally at this server.';
    const cells = rows.map((one) => [
      one.packageId,
      String(one.revision),
      one.creationDate,
      one.isOurs ? 'ours' : 'another publisher',
      one.isExpired ? 'expired' : one.isDeclined ? 'declined' : one.hasContent ? 'offered' : 'metadata only',
      printable(one.title, 60),
    ]);
    return table(['PackageID', 'rev', 'created', 'by', 'state', 'title'], cells);
  });
  return EXIT.ok;
}

/** `patchpress server cert`; exit code 1 where clients or server would not take what it signs. */
export async function showCertificate(output: OutputOptions): Promise<number> {
  const state = await requireBridge().call({ verb: 'cert' }, UNTIL_THE_END);
  const { certificate, keyBits, isInTrustedRoot, isInTrustedPublishers } = state;
  const findings = [
    ...(certificate === null ? ['it has no signing certificate: import one (PFX) into WSUS'] : []),
    ...(keyBits !== null && keyBits < 2048 ? [`its key has ${keyBits} bits: 2048 are needed`] : []),
    ...(certificate !== null && !isInTrustedRoot ? ['its root is not in Trusted Root of the server'] : []),
    ...(certificate !== null && !isInTrustedPublishers
      ? ['it is not in Trusted Publishers of the server']
      : []),
  ];
  show(output, { ...state, findings }, () =>
    [
      certificate === null ? 'none' : `${printable(certificate.subject, 200)} until ${certificate.notAfter}`,
      ...findings.map((finding) => `not ready: ${finding}`),
    ].join('\n'),
  );
  return findings.length === 0 ? EXIT.ok : EXIT.negative;
}

export interface ExportOptions extends OutputOptions {
  readonly out: string;
}

/** `patchpress server export-sdp`. */
export async function exportDocument(packageId: string, { out, ...output }: ExportOptions): Promise<number> {
  const { sdpBase64 } = await requireBridge().call(
    { verb: 'export-sdp', packageId: packageId.toLowerCase() },
    UNTIL_THE_END,
  );
  const bytes = Buffer.from(sdpBase64, 'base64');
  try {
    writeFileSync(out, bytes, { flag: 'wx' });
  } catch (cause) {
    throw new PermanentError('configuration.invalid', 'the document cannot be written', {
      where: out,
      found: cause instanceof Error ? cause.message : String(cause),
      nextStep: 'name another file with --out',
      cause,
    });
  }
  show(output, { packageId, out, sizeBytes: bytes.length }, () => `${out}: ${bytes.length} bytes`);
  return EXIT.ok;
}
