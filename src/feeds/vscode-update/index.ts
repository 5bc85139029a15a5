import { z } from 'zod';
import { timeOf } from '../found.js';
import { documentOptions, documentReader } from '../known-shape.js';
import { LooseText } from '../loose.js';
import { assetsOf } from '../stated-file.js';

const Options = z.strictObject({
  ...documentOptions,
  type: z.literal('vscode-update'),
  quality: z.string().optional(),
  platform: z.string().optional(),
});

/** The answer of `/api/update/{platform}/{quality}/{commit}`; its `version` is a commit, `name` what people see. */
const Update = z.object({
  productVersion: LooseText,
  name: LooseText,
  url: LooseText,
  hash: LooseText,
  sha256hash: LooseText,
  timestamp: z.union([z.string(), z.number()]).nullish().catch(null),
});

/** The update server of programs made from Visual Studio Code: one version with its file. */
export const vscodeUpdate = documentReader({
  type: 'vscode-update',
  options: Options,
  expected: 'an update with productVersion or name',
  found(document, { finalUrl }, { path }) {
    const decoded = Update.safeParse(document);
    if (!decoded.success) return [];
    const { productVersion, name, url, hash, sha256hash, timestamp } = decoded.data;
    const shown = path === undefined ? productVersion || name : path.select(document)[0];
    if (typeof shown !== 'string' || shown.trim() === '') return [];
    const assets = url ? assetsOf({ url, sha1: hash, sha256: sha256hash }, finalUrl) : [];
    return [{ version: shown.trim(), assets, publishedAt: timeOf(timestamp) }];
  },
});
