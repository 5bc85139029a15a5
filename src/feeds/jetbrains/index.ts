import { z } from 'zod';
import type { FeedResponse, ReleaseAsset } from '../../core/release.js';
import { type Found, timeOf } from '../found.js';
import { documentOptions, documentReader } from '../known-shape.js';
import { LooseSize, LooseText, looseList } from '../loose.js';
import { OrderName } from '../options.js';
import { assetsOf } from '../stated-file.js';

const Options = z.strictObject({
  ...documentOptions,
  type: z.literal('jetbrains'),
  /** Of the product; absent: of the only one in the answer. */
  code: z
    .string()
    .regex(/^[\w-]{1,50}$/, 'must be the code of a product')
    .optional(),
  order: OrderName.default('max'),
});

/** The answer of `/products/releases`, by product code: the members that are used. */
const Download = z.object({ link: z.string(), size: LooseSize });
const Entry = z.object({
  version: LooseText,
  build: LooseText,
  type: LooseText,
  date: LooseText,
  notesLink: LooseText,
  downloads: z.record(z.string(), z.unknown()).nullish().catch(null),
});
type Entry = z.infer<typeof Entry>;
const ByCode = z.record(z.string(), looseList(Entry));

/** Releases of a product of the JetBrains data services. */
export const jetbrains = documentReader({
  type: 'jetbrains',
  options: Options,
  expected: 'releases of the product by its code, as the JetBrains data services give them',
  found(document, response, { code }) {
    const decoded = ByCode.safeParse(document);
    if (!decoded.success) return [];
    const products = Object.entries(decoded.data);
    const ours =
      products.find(([name]) => name === code) ?? (products.length === 1 ? products[0] : undefined);
    return (ours?.[1] ?? []).flatMap((entry) => foundIn(entry, response));
  },
});

function foundIn(entry: Entry, response: FeedResponse): readonly Found[] {
  const version = (entry.version ?? entry.build ?? '').trim();
  if (version === '') return [];
  return [
    {
      version,
      publishedAt: timeOf(entry.date),
      notesUrl: entry.notesLink || null,
      assets: windowsFiles(entry, response),
      isMarkedPrerelease: (entry.type ?? 'release') !== 'release',
    },
  ];
}

/** `windows`, `windowsZip`, `windowsARM64`...: the API names systems, the first of them the usual installer. */
function windowsFiles({ downloads }: Entry, { finalUrl }: FeedResponse): readonly ReleaseAsset[] {
  return Object.entries(downloads ?? {}).flatMap(([system, download]) => {
    const decoded = Download.safeParse(download);
    if (!decoded.success || !/^windows/i.test(system)) return [];
    return assetsOf({ url: decoded.data.link, sizeBytes: decoded.data.size }, finalUrl);
  });
}
