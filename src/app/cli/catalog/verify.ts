import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeFault, PermanentError } from '../../../core/errors.js';
import type { SignatureReport } from '../../../core/installer.js';
import type { SoftwareDistributionPackage } from '../../../core/update.js';
import { withFileSource } from '../../../formats/file-source.js';
import {
  type CatalogFinding,
  type CatalogReport,
  finding,
  verifyCatalog,
} from '../../../publishing/configmgr-catalog/verify/index.js';
import { fileFindings } from '../metadata/content-findings.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { statNamedFile } from '../named-file.js';
import { describeSignature, signatureFacts, verifyWith } from '../signature.js';

export type VerifyOptions = OutputOptions & {
  content?: string;
  trust?: string;
  tolerant?: boolean;
};

/** `patchpress catalog verify FILE`: the acceptance checklist; exit code 1 if anything is found, notes aside. */
export async function verifyCatalogFile(file: string, options: VerifyOptions): Promise<number> {
  const { content, trust, tolerant = false, ...output } = options;
  const packages: SoftwareDistributionPackage[] = [];
  const onPackage = (pkg: SoftwareDistributionPackage) => packages.push(pkg);
  const report = readReport(file, content === undefined ? {} : { onPackage });
  const signature = signatureOf(file, trust);
  const findings = [
    ...(signature === null ? [] : signatureFindings(signature)),
    ...report.findings,
    ...(content === undefined ? [] : await contentFindings(packages, content)),
  ];
  const isGood = findings.every(({ level }) => level === 'note' || (tolerant && level === 'warning'));
  const facts = signature === null ? null : signatureFacts(signature);
  show(output, { file, isGood, ...report, signature: facts, findings }, () =>
    [
      ...findings.map(describeFinding),
      signature === null ? 'no cabinet: nothing is signed' : describeSignature(signature),
      `${file}: ${report.generation}, ${report.packages} packages, ${report.documents} in V2, ${report.categories} categories, ` +
        `${report.certificates} certificates, ${findings.length} findings`,
      `in WSUS: ${report.vocabulary.vendors} vendors, ${report.vocabulary.products} products`,
    ].join('\n'),
  );
  return isGood ? EXIT.ok : EXIT.negative;
}

/** A cabinet that cannot be read to its end is a finding: that is what was asked. */
function readReport(
  file: string,
  options: { readonly onPackage?: (pkg: SoftwareDistributionPackage) => void },
): CatalogReport {
  statNamedFile(file);
  try {
    return withFileSource(file, (source) => verifyCatalog(source, options));
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const unread = finding('cab.sound', file, {
      expected: 'a catalog that can be read',
      found: describeFault(error),
    });
    return {
      generation: 'v1',
      packages: 0,
      documents: 0,
      categories: 0,
      certificates: 0,
      vocabulary: { vendors: 0, products: 0 },
      findings: [unread],
    };
  }
}

function signatureOf(file: string, trust: string | undefined): SignatureReport | null {
  if (withFileSource(file, (source) => source.read(0, 4).toString('latin1')) !== 'MSCF') return null;
  return verifyWith(file, trust);
}

function signatureFindings(signature: SignatureReport): readonly CatalogFinding[] {
  if (signature.status === 'valid' && signature.timestamp !== null) return [];
  return [
    finding('signature', 'the cabinet', {
      level: signature.status === 'valid' ? 'warning' : 'error',
      expected: 'a valid, timestamped Authenticode signature of a trusted signer',
      found: describeSignature(signature),
    }),
  ];
}

/** Files of the folder that packages name; what the folder does not have is not asked for. */
async function contentFindings(
  packages: readonly SoftwareDistributionPackage[],
  folder: string,
): Promise<readonly CatalogFinding[]> {
  const there = new Set(readdirSync(folder));
  const findings: CatalogFinding[] = [];
  for (const pkg of packages) {
    for (const { originFile } of pkg.installableItems) {
      if (originFile === null || !there.has(originFile.fileName)) continue;
      const found = await fileFindings(pkg, join(folder, originFile.fileName));
      const at = pkg.properties.packageId;
      findings.push(...found.map((one) => finding(`content.${one.rule}`, `${at}: ${one.path}`, one)));
    }
  }
  return findings;
}

export function describeFinding({ level, path, rule, expected, found }: CatalogFinding): string {
  return `${level}: ${path}: ${rule}: expected ${expected}, found ${found}`;
}
