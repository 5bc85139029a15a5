import { z } from 'zod';
import { cveIdsIn } from '../../core/cve.js';
import type { FeedResponse } from '../../core/release.js';
import { type Found, timeOf } from '../found.js';
import { documentOptions, documentReader } from '../known-shape.js';
import { assetsOf } from '../stated-file.js';
import { type Channel, Document, type Entry, PARTS, type PartName, partsOf } from './document.js';

const Options = z.strictObject({
  ...documentOptions,
  type: z.literal('dotnet-releases'),
});

/** .NET's release metadata: the document of a channel, or the index of all channels. */
export const dotnetReleases = documentReader({
  type: 'dotnet-releases',
  options: Options,
  expected: 'releases or an index of channels, as .NET publishes them',
  found(document, response, { path }) {
    const decoded = Document.safeParse(document);
    if (!decoded.success) return [];
    const { releases, 'releases-index': channels } = decoded.data;
    const part = partIn(path?.source);
    const inReleases = releases.flatMap((entry) => foundIn(entry, part, response));
    const picked = new Set(path?.select(document));
    // An index lists other products besides: only the channel that is picked is this one.
    const inChannels = channels.flatMap((channel) =>
      latestOf(channel, part).filter((one) => picked.has(one.version)),
    );
    return [...inReleases, ...inChannels];
  },
});

/** The part that a path ends in: `$.latest-sdk`, `$.releases[0].windowsdesktop.version`, `$.releases[0].sdks[*].version`. */
function partIn(path = ''): PartName {
  const names = path.replace(/\['([\w-]+)'\]/g, '.$1').replace(/\[[^\]]*\]/g, '');
  const last = names
    .replace(/\.version$/, '')
    .split('.')
    .at(-1);
  return (
    PARTS.find((name) => [name, `latest-${name}`, `${name}s`, `${name}-version`].includes(last ?? '')) ??
    'runtime'
  );
}

function foundIn(entry: Entry, name: PartName, { finalUrl }: FeedResponse): readonly Found[] {
  return partsOf(entry, name).flatMap(({ version, files }) => {
    if (!version?.trim()) return [];
    const windows = files.filter(
      ({ rid, name: file }) => /^win/i.test(rid ?? '') || /\bwin\b/i.test(file ?? ''),
    );
    return [
      {
        version: version.trim(),
        publishedAt: timeOf(entry['release-date']),
        notesUrl: entry['release-notes'] ?? null,
        cveIds: cveIdsIn(entry['cve-list']?.map((one) => one['cve-id']).join(' ')),
        assets: windows.flatMap(({ url, name: file, hash }) =>
          assetsOf({ url, name: file, sha512: hash }, finalUrl),
        ),
      },
    ];
  });
}

const LATEST = { release: 'latest-release', sdk: 'latest-sdk' } as const;

function latestOf(channel: Channel, part: PartName): readonly Found[] {
  const version = channel[part === 'release' || part === 'sdk' ? LATEST[part] : 'latest-runtime'];
  return version ? [{ version, publishedAt: timeOf(channel['latest-release-date']) }] : [];
}
