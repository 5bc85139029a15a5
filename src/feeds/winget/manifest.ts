import { z } from 'zod';
import type { FeedResponse, ReleaseAsset } from '../../core/release.js';
import { describeText, describeValue, jsonOf, malformed, textOf, yamlOf } from '../answer.js';
import { timeOf } from '../found.js';
import { entriesIn, LooseText, looseList } from '../loose.js';
import { assetsOf } from '../stated-file.js';

/** One version of a package, as a manifest or a REST source states it. */
export interface PackageVersion {
  readonly id: string;
  readonly version: string;
  readonly channel: string | null;
  readonly assets: readonly ReleaseAsset[];
  readonly publishedAt: string | null;
  readonly notesUrl: string | null;
}

const Installer = z.object({
  InstallerUrl: z.string().max(2048),
  InstallerSha256: LooseText,
  ReleaseDate: LooseText,
});
/** What a manifest and a version of a REST source have in common; what stands at the root holds for each installer. */
const versionMembers = {
  PackageVersion: z.string().trim().min(1).max(128),
  Channel: LooseText,
  ReleaseDate: LooseText,
  ReleaseNotesUrl: LooseText,
  Installers: looseList(Installer),
};
/** The manifest schema 1.x: of installers, of a locale, or all in one (`singleton`, `merged`). */
const Manifest = z.object({ PackageIdentifier: z.string().max(128), ...versionMembers });
const RestVersion = z.object({
  ...versionMembers,
  DefaultLocale: z.object({ ReleaseNotesUrl: LooseText }).nullish().catch(null),
});
/** `GET /packageManifests/{id}` of the winget REST source, 1.x. */
const RestAnswer = z.object({
  Data: z.object({ PackageIdentifier: z.string().max(128), Versions: looseList(RestVersion) }),
});

/** `GET /repos/{owner}/{repo}/contents/{folder}` of a package's folder: one folder per version, or per further package. */
const Listed = z.object({ name: z.string().regex(/^\d.{0,127}$/), type: z.literal('dir') });

/**
 * PermanentError `feed.malformed` where it is neither a manifest in YAML, nor the answer of a REST source, nor the
 * listing of the folder of the package `id`.
 */
export function packageVersionsIn(response: FeedResponse, id = ''): readonly PackageVersion[] {
  const text = textOf(response).trimStart();
  if (text.startsWith('{')) return versionsOfRest(response);
  if (text.startsWith('[')) return versionsOfFolder(response, id);
  return [versionOfManifest(response, text)];
}

function versionsOfFolder(response: FeedResponse, id: string): readonly PackageVersion[] {
  const entries = entriesIn(response, Listed, 'a folder with versions');
  return entries.map(({ name }) => ({ ...UNKNOWN, id, version: name }));
}

const UNKNOWN = { channel: null, assets: [], publishedAt: null, notesUrl: null } as const;

function versionOfManifest(response: FeedResponse, text: string): PackageVersion {
  const decoded = Manifest.safeParse(yamlOf(response));
  if (decoded.success)
    return versionOf(decoded.data.PackageIdentifier, decoded.data, decoded.data.ReleaseNotesUrl, response);
  const [issue] = decoded.error.issues;
  const place = issue === undefined ? '' : ` (${issue.path.join('.') || 'document'}: ${issue.message})`;
  throw malformed(response, 'a winget manifest', `${describeText(text)}${place}`);
}

function versionsOfRest(response: FeedResponse): readonly PackageVersion[] {
  const document = jsonOf(response);
  const decoded = RestAnswer.safeParse(document);
  if (!decoded.success)
    throw malformed(response, 'versions of a winget REST source', describeValue(document));
  const { PackageIdentifier, Versions } = decoded.data.Data;
  return Versions.map((one) =>
    versionOf(PackageIdentifier, one, one.ReleaseNotesUrl ?? one.DefaultLocale?.ReleaseNotesUrl, response),
  );
}

function versionOf(
  id: string,
  stated: Omit<z.infer<typeof Manifest>, 'PackageIdentifier'>,
  notesUrl: string | null | undefined,
  { finalUrl }: FeedResponse,
): PackageVersion {
  const { PackageVersion: version, Channel, ReleaseDate, Installers } = stated;
  const date = ReleaseDate ?? Installers.find((one) => one.ReleaseDate)?.ReleaseDate;
  return {
    id,
    version,
    channel: Channel || null,
    publishedAt: timeOf(date),
    notesUrl: notesUrl || null,
    assets: Installers.flatMap(({ InstallerUrl, InstallerSha256 }) =>
      assetsOf({ url: InstallerUrl, sha256: InstallerSha256 }, finalUrl),
    ),
  };
}
