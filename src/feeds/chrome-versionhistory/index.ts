import { z } from 'zod';
import { timeOf } from '../found.js';
import { documentOptions, documentReader } from '../known-shape.js';
import { LooseText, looseList } from '../loose.js';

const Options = z.strictObject({
  ...documentOptions,
  type: z.literal('chrome-versionhistory'),
  product: z.string().optional(),
  platform: z.string().optional(),
  channel: z.string().optional(),
});

/** The answers of `.../versions` and `.../versions/all/releases`: the members that are used. */
const Entry = z.object({
  version: z.string().trim().min(1).max(200),
  serving: z.object({ startTime: LooseText }).nullish().catch(null),
});
const Answer = z.object({ releases: looseList(Entry), versions: looseList(Entry) });

/** What Google's version history says is served to a channel; a release is listed once for each group of users. */
export const chromeVersionhistory = documentReader({
  type: 'chrome-versionhistory',
  options: Options,
  expected: 'releases as the version history API gives them',
  found(document) {
    const decoded = Answer.safeParse(document);
    const entries = decoded.success ? [...decoded.data.releases, ...decoded.data.versions] : [];
    return entries.map(({ version, serving }) => ({ version, publishedAt: timeOf(serving?.startTime) }));
  },
});
