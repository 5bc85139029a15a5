import { z } from 'zod';
import { PermanentError, printable } from '../../core/errors.js';
import { parseYaml } from '../../text/yaml.js';
import { TECHNOLOGY_SWITCHES } from './command.js';
import type { FeedFacts, InstallerFacts, ProductFacts } from './facts.js';

const Entry = z.object({
  DisplayName: z.string().optional(),
  Publisher: z.string().optional(),
  DisplayVersion: z.string().optional(),
  ProductCode: z.string().optional(),
  UpgradeCode: z.string().optional(),
});
const Installer = z.object({
  Architecture: z.string().optional(),
  InstallerType: z.string().optional(),
  Scope: z.string().optional(),
  InstallerUrl: z.string().optional(),
  InstallerSwitches: z.object({ Silent: z.string().optional(), Custom: z.string().optional() }).optional(),
  InstallerSuccessCodes: z.array(z.string()).optional(),
  ExpectedReturnCodes: z
    .array(z.object({ InstallerReturnCode: z.string(), ReturnResponse: z.string() }))
    .optional(),
  ProductCode: z.string().optional(),
  AppsAndFeaturesEntries: z.array(Entry).optional(),
});
const Manifest = Installer.extend({
  PackageIdentifier: z.string(),
  PackageVersion: z.string(),
  ManifestType: z.string(),
  PackageName: z.string().optional(),
  Publisher: z.string().optional(),
  Moniker: z.string().optional(),
  PackageUrl: z.string().optional(),
  ReleaseNotesUrl: z.string().optional(),
  License: z.string().optional(),
  Installers: z.array(Installer).optional(),
});
type Manifest = z.infer<typeof Manifest>;
type WingetInstaller = z.infer<typeof Installer>;

/**
 * What the manifests of one version say: an installer manifest with its locale and version files, or a singleton. A
 * member of the root holds for each installer that does not say otherwise. PermanentError `payload.invalid`.
 */
export function factsOfWinget(texts: readonly string[]): ProductFacts {
  const manifests = texts.map(manifestIn);
  const root = manifests.find(({ Installers }) => Installers !== undefined);
  if (root?.Installers === undefined) throw refused('an installer manifest or a singleton', 'no Installers');
  const other = manifests.find((one) => identityIn(one) !== identityIn(root));
  if (other !== undefined) throw refused(`manifests of ${identityIn(root)}`, identityIn(other));
  // The default locale comes first: what it names, no translation replaces.
  const named = manifests.toSorted((a, b) => rankOf(a) - rankOf(b));
  const first = (
    name: 'PackageName' | 'Publisher' | 'Moniker' | 'PackageUrl' | 'ReleaseNotesUrl' | 'License',
  ) => named.find((one) => one[name] !== undefined)?.[name];
  const { PackageIdentifier: id, PackageVersion: version } = root;
  const installers = root.Installers.map((one) => installerFacts({ ...root, ...one }, version));
  return {
    id,
    name: first('PackageName') ?? id.slice(id.indexOf('.') + 1),
    vendor: first('Publisher') ?? id.slice(0, id.indexOf('.')),
    moniker: first('Moniker'),
    homepage: first('PackageUrl'),
    releaseNotesUrl: first('ReleaseNotesUrl'),
    license: first('License'),
    latestVersion: version,
    feeds: [...githubFeeds(installers), { type: 'winget', id, complete: true }],
    installers,
    versions: [{ version }],
  };
}

function manifestIn(text: string): Manifest {
  const decoded = Manifest.safeParse(parseYaml(text, { scalars: 'text' }));
  if (decoded.success) return decoded.data;
  const [issue] = decoded.error.issues;
  throw refused('a winget manifest', `${issue?.path.join('.')}: ${issue?.message}`);
}

function identityIn({ PackageIdentifier, PackageVersion }: Manifest): string {
  return `${PackageIdentifier} ${PackageVersion}`;
}

function rankOf({ ManifestType }: Manifest): number {
  return ['defaultLocale', 'singleton', 'locale'].indexOf(ManifestType) >>> 0;
}

function refused(expected: string, found: string): PermanentError {
  return new PermanentError('payload.invalid', 'the manifests cannot be read', {
    expected,
    found: printable(found, 300),
    nextStep: 'give the manifests of one version of one package',
  });
}

function installerFacts(one: WingetInstaller, version: string): InstallerFacts {
  const type = one.InstallerType ?? 'unknown';
  const entry = one.AppsAndFeaturesEntries?.[0];
  const { Silent, Custom } = one.InstallerSwitches ?? {};
  const usual =
    type in TECHNOLOGY_SWITCHES ? TECHNOLOGY_SWITCHES[type as keyof typeof TECHNOLOGY_SWITCHES] : undefined;
  const silentArgs = Silent ?? usual;
  return {
    arch: one.Architecture ?? 'unknown',
    type,
    scope: one.Scope,
    sampleUrl: one.InstallerUrl,
    sampleVersion: version,
    silentArgs: [silentArgs, Custom].filter((text) => text !== undefined).join(' '),
    silentArgsSource: Silent === undefined ? 'type-default' : 'manifest',
    productCode: entry?.ProductCode ?? one.ProductCode,
    upgradeCode: entry?.UpgradeCode,
    arp: {
      displayName: entry?.DisplayName,
      displayVersion: entry?.DisplayVersion ?? version,
      publisher: entry?.Publisher,
    },
    successCodes: one.InstallerSuccessCodes,
    returnCodes: one.ExpectedReturnCodes?.map(({ InstallerReturnCode, ReturnResponse }) => ({
      code: InstallerReturnCode,
      response: ReturnResponse,
    })),
  };
}

/** An address among a repository's releases shows where its releases appear, and how a version becomes a tag. */
function githubFeeds(installers: readonly InstallerFacts[]): readonly FeedFacts[] {
  const address = /^https:\/\/github\.com\/([^/]+\/[^/]+)\/releases\/download\/([^/]+)\//;
  for (const { sampleUrl, sampleVersion } of installers) {
    const [, repo, tag] = address.exec(sampleUrl ?? '') ?? [];
    if (repo === undefined || tag === undefined || sampleVersion == null) continue;
    const at = tag.indexOf(sampleVersion);
    const prefix = tag.slice(0, Math.max(at, 0));
    const isPlain = at >= 0 && /^v?$/i.test(prefix) && tag.length === at + sampleVersion.length;
    if (isPlain) return [{ type: 'github-releases', repo, endpoint: 'latest', complete: true }];
    if (at < 0) continue;
    const tagPattern = `^${quoted(prefix)}(.+)${quoted(tag.slice(at + sampleVersion.length))}$`;
    return [{ type: 'github-releases', repo, endpoint: 'list', tagPattern, complete: true }];
  }
  return [];
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
