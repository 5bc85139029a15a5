import { z } from 'zod';
import { LooseText, looseList } from '../loose.js';

/** `releases.json` of a channel: the members that are used. */
const File = z.object({ name: LooseText, rid: LooseText, url: z.string(), hash: LooseText });
const Part = z.object({ version: LooseText, files: looseList(File) });
export type Part = z.infer<typeof Part>;
const LoosePart = Part.nullish().catch(null);
const Entry = z.object({
  'release-version': LooseText,
  'release-date': LooseText,
  'cve-list': z
    .array(z.object({ 'cve-id': z.string().max(40) }))
    .nullish()
    .catch(null),
  'release-notes': LooseText,
  runtime: LoosePart,
  sdk: LoosePart,
  sdks: looseList(Part),
  'aspnetcore-runtime': LoosePart,
  windowsdesktop: LoosePart,
});
export type Entry = z.infer<typeof Entry>;

/** `releases-index.json`, with one entry per channel; a channel's own document says the same of itself. */
const Channel = z.object({
  'latest-release': LooseText,
  'latest-release-date': LooseText,
  'latest-runtime': LooseText,
  'latest-sdk': LooseText,
});
export type Channel = z.infer<typeof Channel>;

export const Document = z.object({ releases: looseList(Entry), 'releases-index': looseList(Channel) });

/** What a .NET release is made of; each part has a version of its own. */
export const PARTS = ['windowsdesktop', 'aspnetcore-runtime', 'runtime', 'sdk', 'release'] as const;
export type PartName = (typeof PARTS)[number];

/** The SDK comes in several feature bands. */
export function partsOf(entry: Entry, name: PartName): readonly Part[] {
  if (name === 'release') return [{ version: entry['release-version'], files: [] }];
  const parts = name === 'sdk' ? [entry.sdk, ...entry.sdks] : [entry[name]];
  return parts.filter((part) => part !== null && part !== undefined);
}
