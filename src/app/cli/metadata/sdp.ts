import { describeRule } from '../../../core/describe-rule.js';
import type { Route } from '../../../core/publication.js';
import type { SoftwareDistributionPackage } from '../../../core/update.js';
import { type LevelledFinding, readSdp, validateDocument } from '../../../sus/sdp/index.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { fileFindings } from './content-findings.js';
import { readInput } from './read.js';

/** `patchpress sdp show FILE`: what an update document says, rules as sentences. */
export async function showSdp(file: string, options: OutputOptions): Promise<number> {
  const pkg = readSdp(readInput(file), file);
  show(options, pkg, () => describePackage(pkg));
  return EXIT.ok;
}

export interface ValidateOptions extends OutputOptions {
  readonly route?: Route;
  readonly content?: string;
  /** Our own publishing rules decide the answer too. */
  readonly publish?: boolean;
}

/**
 * `patchpress sdp validate FILE`: every rule that it breaks, with the content too where that is at hand. The answer is no
 * where the schema or WSUS refuses it; what only our own catalogs refuse is shown, and counts with `publish`.
 */
export async function validateSdpFile(
  file: string,
  { route, content, publish, ...output }: ValidateOptions,
): Promise<number> {
  const source = readInput(file);
  const { packageId, pkg, findings: inDocument } = validateDocument(source, file, route);
  const inContent = content === undefined || pkg === null ? [] : await fileFindings(pkg, content);
  const findings: readonly LevelledFinding[] = [
    ...inDocument,
    ...inContent.map((one) => ({ ...one, level: 'wsus' as const })),
  ];
  const isValid = findings.every(({ level }) => level === 'catalog' && publish !== true);
  show(output, { file, packageId, isValid, findings }, () => describeFindings(file, findings));
  return isValid ? EXIT.ok : EXIT.negative;
}

function describeFindings(file: string, findings: readonly LevelledFinding[]): string {
  if (findings.length === 0) return `${file}: no findings`;
  const lines = findings.map(
    ({ level, path, rule, expected, found }) =>
      `${level}: ${path}: ${rule}: expected ${expected}, found ${found}`,
  );
  return [`${file}: ${findings.length} findings`, ...lines].join('\n');
}

function describePackage(pkg: SoftwareDistributionPackage): string {
  const { properties, updateSpecificData: data } = pkg;
  const [texts] = pkg.localizedProperties;
  const lines: readonly (readonly [string, string | null | undefined])[] = [
    ['PackageID', properties.packageId],
    ['title', texts?.title],
    ['description', texts?.description],
    ['vendor', properties.vendorName],
    ['products', properties.productNames.join(', ')],
    ['created', properties.creationDate],
    ['state', `${properties.publicationState}, ${properties.updateType}`],
    ['classification', data?.classification],
    ['severity', data?.msrcSeverity],
    ['CVE', data?.cveIds.join(', ')],
    ['KB', data?.kbArticleId],
    ['more', properties.moreInfoUrls.join(' ')],
    ['supersedes', pkg.supersededPackages.join(', ')],
    ['needs', pkg.prerequisites.map((group) => group.join(' or ')).join('; ')],
    ['bundles', pkg.bundledPackages.join(', ')],
    ['for machines where', pkg.isInstallable === null ? null : describeRule(pkg.isInstallable)],
    ...pkg.installableItems.flatMap(describeItem),
  ];
  return lines
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name.padEnd(20)}${value}`)
    .join('\n');
}

function describeItem(
  item: SoftwareDistributionPackage['installableItems'][number],
): readonly (readonly [string, string | null])[] {
  const { isInstalled, isSuperseded, isInstallable } = item.applicabilityRules;
  const rule = (name: string, of: typeof isInstalled) =>
    [name, of === null ? null : describeRule(of)] as const;
  const file = item.originFile;
  return [
    ['item', item.id],
    ['languages', item.languages.join(', ')],
    rule('installed where', isInstalled),
    rule('superseded where', isSuperseded),
    rule('installable where', isInstallable),
    ['handler', item.handler === null ? null : item.handler.kind],
    ['file', file === null ? null : `${file.fileName}, ${file.sizeBytes} bytes, ${file.originUri}`],
  ];
}
