import type { CatalogContents } from './contents.js';
import { type CatalogFinding, finding, setFindings } from './finding.js';
import type { PackageFacts } from './package-facts.js';

/** What members of a catalog must say of one another (configmgr-catalog 7.2), as far as this generation has them. */
export function crossFindings(contents: CatalogContents): readonly CatalogFinding[] {
  return [
    ...rootFindings(contents.root),
    ...documentFindings(contents),
    ...manifestFindings(contents),
    ...relationFindings(contents.root),
    ...certificateFindings(contents),
  ];
}

function rootFindings(root: readonly PackageFacts[]): readonly CatalogFinding[] {
  const packages = new Set<string>();
  const items = new Map<string, string>();
  return root.flatMap(({ packageId, itemIds }) => {
    const isAgain = packages.has(packageId);
    packages.add(packageId);
    const again = itemIds.filter((id) => items.has(id));
    const found = [
      ...(isAgain
        ? [finding('root.unique', packageId, { expected: 'once in the root XML', found: 'again' })]
        : []),
      ...again.map((id) =>
        finding('sdp.item-id', packageId, {
          expected: 'an InstallableItem of its own',
          found: `${id}, also of ${items.get(id)}`,
        }),
      ),
    ];
    for (const id of itemIds) items.set(id, packageId);
    return found;
  });
}

function documentFindings({ root, documents, manifest }: CatalogContents): readonly CatalogFinding[] {
  if (documents.size === 0 && manifest === null) return [];
  const twins = new Map(root.map((facts) => [facts.packageId, facts]));
  const each = [...documents].flatMap(([name, facts]) => {
    const twin = twins.get(name);
    return [
      ...(facts.packageId === name
        ? []
        : [finding('v2.name', `V2\\${name}.sdp`, { expected: `PackageID ${name}`, found: facts.packageId })]),
      ...(twin === undefined || twin.meaningSha256 === facts.meaningSha256
        ? []
        : [
            finding('v2.twin', `V2\\${name}.sdp`, {
              expected: 'what the root XML says of this package',
              found: 'something else',
            }),
          ]),
    ];
  });
  return [
    ...each,
    ...setFindings('v2.set', ['the root XML', new Set(twins.keys())], ['V2', new Set(documents.keys())]),
  ];
}

function manifestFindings({ documents, manifest }: CatalogContents): readonly CatalogFinding[] {
  const where = 'V2\\update_manifest.json';
  if (manifest === null) {
    return documents.size === 0
      ? []
      : [finding('manifest.missing', where, { expected: 'a manifest beside the documents', found: 'none' })];
  }
  const dates = [...documents].filter(
    ([name, { creationDate }]) => Object.hasOwn(manifest, name) && manifest[name] !== creationDate,
  );
  return [
    ...setFindings(
      'manifest.set',
      ['the manifest', new Set(Object.keys(manifest))],
      ['V2', new Set(documents.keys())],
    ),
    ...dates.map(([name, { creationDate }]) =>
      finding('manifest.date', `${where}: ${name}`, { expected: creationDate, found: manifest[name] }),
    ),
  ];
}

function relationFindings(root: readonly PackageFacts[]): readonly CatalogFinding[] {
  const known = new Set(root.map(({ packageId }) => packageId.toLowerCase()));
  const superseded = new Map(root.map(({ packageId, supersedes }) => [packageId, new Set(supersedes)]));
  return root.flatMap(({ packageId, supersedes, prerequisites, bundles }) => [
    ...supersedes
      .filter((id) => superseded.get(id)?.has(packageId) === true && id !== packageId)
      .map((id) =>
        finding('supersedence.circle', packageId, {
          expected: 'no circle',
          found: `${id}, which supersedes it`,
        }),
      ),
    ...absent('supersedence.target', packageId, supersedes, known),
    ...prerequisites
      .filter((group) => !group.some((id) => known.has(id)))
      .flatMap((group) => absent('prerequisite.target', packageId, group, known)),
    ...bundles
      .filter((id) => !known.has(id))
      .map((id) => finding('bundle.target', packageId, { expected: 'a package of this catalog', found: id })),
  ]);
}

/** One note per package: the update may be in WSUS already, or never have been offered. */
function absent(rule: string, packageId: string, ids: readonly string[], known: ReadonlySet<string>) {
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return [];
  return [
    finding(rule, packageId, {
      level: 'note',
      expected: 'packages of this catalog',
      found: `${missing.length} others: ${missing.slice(0, 3).join(', ')}`,
    }),
  ];
}

function certificateFindings({ root, certificates }: CatalogContents): readonly CatalogFinding[] {
  const misnamed = certificates.filter(({ name, thumbprint }) => name !== `${thumbprint}.cer`);
  return [
    ...misnamed.map(({ name, thumbprint }) =>
      finding('certificate.name', `ContentCertificates\\${name}`, {
        expected: `${thumbprint}.cer`,
        found: name,
      }),
    ),
    ...(certificates.length > 0 || root.length === 0
      ? []
      : [
          finding('certificate.none', 'ContentCertificates', {
            expected: 'the certificates of the installers: else publishing content fails with 11523',
            found: 'none',
          }),
        ]),
  ];
}
