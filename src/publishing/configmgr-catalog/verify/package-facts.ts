import { createHash } from 'node:crypto';
import { describeFault, PermanentError } from '../../../core/errors.js';
import type { SoftwareDistributionPackage } from '../../../core/update.js';
import { checkSchema } from '../../../sus/schema/index.js';
import { readPackage, validateSdp } from '../../../sus/sdp/index.js';
import { attributeOf, childOf, type XmlElement } from '../../../text/xml/index.js';
import { type CatalogFinding, finding } from './finding.js';
import { levelOf } from './levels.js';
import { type Section, sectionDigests } from './sections.js';

/** What the checks across packages need of one; the package itself is let go. */
export interface PackageFacts {
  /** As written. */
  readonly packageId: string;
  readonly creationDate: string;
  /** Equal for packages that say the same, whatever root, prefixes and layout. */
  readonly meaningSha256: string;
  readonly isExpired: boolean;
  readonly vendor: string;
  readonly products: readonly string[];
  readonly supersedes: readonly string[];
  readonly prerequisites: readonly (readonly string[])[];
  readonly bundles: readonly string[];
  readonly itemIds: readonly string[];
  readonly title: string;
  /** Null where the package cannot be understood. */
  readonly sections: Readonly<Record<Section, string>> | null;
}

export interface ReadPackage {
  readonly facts: PackageFacts;
  /** Null: it cannot be understood, as a finding says. */
  readonly pkg: SoftwareDistributionPackage | null;
  readonly findings: readonly CatalogFinding[];
}

/** One package, by itself: the rules of configmgr-catalog 7.3. */
export function readFacts(root: XmlElement, where: string): ReadPackage {
  const properties = childOf(root, 'Properties');
  const of = (name: string): string => (properties && attributeOf(properties, name)) ?? '';
  const read = tryRead(root, where);
  const pkg = 'pkg' in read ? read.pkg : null;
  return {
    facts: {
      packageId: of('PackageID'),
      creationDate: of('CreationDate'),
      meaningSha256: createHash('sha256').update(meaningOf(root, true)).digest('hex'),
      isExpired: of('PublicationState') === 'Expired',
      vendor: of('VendorName'),
      products: pkg?.properties.productNames ?? [],
      supersedes: pkg?.supersededPackages ?? [],
      prerequisites: pkg?.prerequisites ?? [],
      bundles: pkg?.bundledPackages ?? [],
      itemIds: pkg?.installableItems.map(({ id }) => id) ?? [],
      title: pkg?.localizedProperties[0]?.title ?? '',
      sections: pkg === null ? null : sectionDigests(pkg),
    },
    pkg,
    findings: [
      ...schemaFindings(root, where),
      ...('pkg' in read ? packageFindings(root, read.pkg, where) : [read]),
    ],
  };
}

function tryRead(root: XmlElement, where: string): { pkg: SoftwareDistributionPackage } | CatalogFinding {
  try {
    return { pkg: readPackage(root, where) };
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return finding('sdp.unreadable', where, {
      expected: error.expected ?? 'a package that can be read',
      found: describeFault(error),
    });
  }
}

function schemaFindings(root: XmlElement, where: string): readonly CatalogFinding[] {
  return checkSchema(root).map(({ path, rule, expected, found }) =>
    finding(`sdp.${rule}`, `${where}: ${path}`, { expected, found }),
  );
}

function packageFindings(
  root: XmlElement,
  pkg: SoftwareDistributionPackage,
  where: string,
): readonly CatalogFinding[] {
  const written = [...attributesOf(root)];
  const blank = written.find(([, value]) => value !== value.trim());
  const id = written.find(([name, value]) => /^(PackageID|ID)$/.test(name) && value !== value.toLowerCase());
  return [
    ...validateSdp(pkg).map((one) =>
      finding(`sdp.${one.rule}`, `${where}: ${one.path}`, { ...one, level: levelOf(one) }),
    ),
    ...(id === undefined
      ? []
      : [finding('sdp.id', `${where}: @${id[0]}`, { expected: 'lower case', found: id[1] })]),
    ...(blank === undefined
      ? []
      : [
          finding('sdp.blanks', `${where}: @${blank[0]}`, {
            level: 'warning',
            expected: 'no blanks around a value',
            found: blank[1],
          }),
        ]),
  ];
}

function* attributesOf(from: XmlElement): Generator<readonly [name: string, value: string]> {
  for (const { localName, value } of from.attributes) {
    if (NAMED.has(localName)) yield [localName, value];
  }
  for (const child of from.children) if (typeof child !== 'string') yield* attributesOf(child);
}

/** Attributes whose values are ids, numbers and words, never text of a vendor. */
const NAMED = new Set(['PackageID', 'ID', 'Code', 'CreationDate', 'Digest', 'Size', 'FileName', 'OriginUri']);

/** Names, attributes, text and children; the root's own name and SchemaVersion differ between twins (configmgr-catalog 1.3). */
export function meaningOf(from: XmlElement, isRoot = false): string {
  const attributes = from.attributes
    .filter(({ localName }) => !(isRoot && localName === 'SchemaVersion'))
    .map(({ namespace, localName, value }) => JSON.stringify([namespace, localName, value]))
    .sort();
  const children = from.children.map((child) =>
    typeof child === 'string' ? quoted(child.trim()) : meaningOf(child),
  );
  return `<${isRoot ? '' : `${from.namespace} ${from.localName}`}[${attributes.join()}]${children.join('')}>`;
}

function quoted(text: string): string {
  return text === '' ? '' : JSON.stringify(text);
}
