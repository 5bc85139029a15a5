import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { textOf } from '../answer.js';
import { chooseReleases } from '../choose.js';
import { foundInText, releasesOf } from '../found.js';
import {
  currentVersion,
  decodeOptions,
  FeedUrl,
  PatternText,
  remarks,
  required,
  UserAgent,
  versionPattern,
  withCurrentVersion,
} from '../options.js';

const Options = z.strictObject({
  ...remarks,
  ...currentVersion,
  ...versionPattern,
  type: z.literal('text'),
  url: FeedUrl.optional(),
  userAgent: UserAgent.optional(),
  /** The version is the group `version`, or group 1. */
  pattern: PatternText,
});

/** Versions that a pattern finds in a plain text. */
export const text: FeedReader = {
  type: 'text',
  request(feed) {
    const { url, userAgent, currentVersion } = decodeOptions(Options, feed);
    return {
      url: withCurrentVersion(required(url, 'url'), currentVersion),
      headers: { accept: 'text/plain, */*;q=0.1', ...(userAgent && { 'user-agent': userAgent }) },
    };
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const found = foundInText(response, textOf(response), options);
    return chooseReleases(releasesOf(found, options), options.order, scheme);
  },
};
