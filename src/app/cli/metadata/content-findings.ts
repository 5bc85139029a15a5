import type { OriginFile, SoftwareDistributionPackage } from '../../../core/update.js';
import type { Finding, RuleName } from '../../../sus/sdp/index.js';
import { type ContentFile, contentFile } from './content.js';

/** Where the file is not the one that the package names: digest, size, name (configmgr-catalog 3.2). */
export async function fileFindings(
  pkg: SoftwareDistributionPackage,
  path: string,
): Promise<readonly Finding[]> {
  const found = await contentFile(path);
  const named = pkg.installableItems.flatMap(({ originFile }, index) =>
    originFile === null ? [] : [{ originFile, at: `InstallableItem[${index}]/OriginFile` }],
  );
  const meant = named.filter(({ originFile }) => originFile.fileName === found.fileName);
  const [origin] = meant.length > 0 ? meant : named.length === 1 ? named : [];
  if (origin !== undefined) return compare(origin.at, origin.originFile, found);
  const expected = named.map(({ originFile }) => originFile.fileName).join(', ') || 'no file at all';
  return [{ path: 'InstallableItem/OriginFile', rule: 'file-name', expected, found: found.fileName }];
}

function compare(at: string, origin: OriginFile, found: ContentFile): readonly Finding[] {
  const rows: readonly (readonly [string, RuleName, string | null, string])[] = [
    [`${at}/@FileName`, 'file-name', origin.fileName, found.fileName],
    [`${at}/@Size`, 'file-size', String(origin.sizeBytes), String(found.sizeBytes)],
    [`${at}/@Digest`, 'file-digest', origin.digest, found.sha1],
    [`${at}/AdditionalDigest`, 'file-digest', origin.sha256, found.sha256],
  ];
  return rows.flatMap(([path, rule, said, is]) =>
    said === null || said === is ? [] : [{ path, rule, expected: is, found: said }],
  );
}
