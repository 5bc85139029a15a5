import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { malformed } from '../answer.js';
import { releasesOf } from '../found.js';
import { decodeOptions, FeedUrl, PatternText, remarks, UserAgent } from '../options.js';
import { versionIn } from '../version-text.js';

const Options = z.strictObject({
  ...remarks,
  type: z.literal('http-redirect'),
  url: FeedUrl,
  userAgent: UserAgent.optional(),
  /** Of the address that the redirects end at; the version is the group `version`, or group 1. */
  pattern: PatternText,
  patternVerified: z.boolean().optional(),
  replace: z.string().min(1).optional(),
  prerelease: z.boolean().default(false),
});

/** The version in the address of a page to which a fixed address leads. The page itself is not looked at. */
export const httpRedirect: FeedReader = {
  type: 'http-redirect',
  request(feed) {
    const { url, userAgent } = decodeOptions(Options, feed);
    return { url, headers: { accept: '*/*', ...(userAgent && { 'user-agent': userAgent }) } };
  },
  parse(response, feed) {
    const { pattern, replace, prerelease } = decodeOptions(Options, feed);
    const match = pattern.first(response.finalUrl);
    const version = match && versionIn(match, replace);
    if (version === null) throw malformed(response, `an address like ${pattern.source}`, response.finalUrl);
    return releasesOf([{ version }], { followsPrereleases: prerelease });
  },
};
