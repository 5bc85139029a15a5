import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { textOf } from '../answer.js';
import { chooseReleases } from '../choose.js';
import { foundInText, releasesOf } from '../found.js';
import {
  address,
  currentVersion,
  decodeOptions,
  PatternText,
  requestAt,
  versionPattern,
} from '../options.js';

const Options = z.strictObject({
  ...address,
  ...currentVersion,
  ...versionPattern,
  type: z.literal('text'),
  /** The version is the group `version`, or group 1. */
  pattern: PatternText,
});

/** Versions that a pattern finds in a plain text. */
export const text: FeedReader = {
  type: 'text',
  request(feed) {
    return requestAt(decodeOptions(Options, feed), 'text/plain, */*;q=0.1');
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const found = foundInText(response, textOf(response), options);
    return chooseReleases(releasesOf(found, options), options.order, scheme);
  },
};
