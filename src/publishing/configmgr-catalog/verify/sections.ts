import { createHash } from 'node:crypto';
import type { SoftwareDistributionPackage } from '../../../core/update.js';

/** The parts of a package that a person asks about when two revisions differ. */
export type Section =
  | 'properties'
  | 'texts'
  | 'classification'
  | 'rules'
  | 'relations'
  | 'files'
  | 'installation';

/** A digest per part: equal parts say the same. */
export function sectionDigests(pkg: SoftwareDistributionPackage): Readonly<Record<Section, string>> {
  const { creationDate: _, ...properties } = pkg.properties;
  const items = pkg.installableItems;
  const parts: Record<Section, unknown> = {
    properties,
    texts: pkg.localizedProperties,
    classification: pkg.updateSpecificData,
    rules: [pkg.isInstalled, pkg.isInstallable, items.map((item) => item.applicabilityRules)],
    relations: [pkg.supersededPackages, pkg.prerequisites, pkg.bundledPackages],
    files: items.map(({ originFile }) => originFile),
    installation: items.map(({ applicabilityRules: _rules, originFile: _file, ...rest }) => rest),
  };
  const digests = Object.entries(parts).map(([name, value]) => [
    name,
    createHash('sha256').update(JSON.stringify(value)).digest('hex'),
  ]);
  return Object.fromEntries(digests) as Record<Section, string>;
}
