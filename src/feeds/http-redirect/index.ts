import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse, ReleaseAsset } from '../../core/release.js';
import type { PatternMatch } from '../../text/pattern.js';
import { malformed } from '../answer.js';
import { releasesOf } from '../found.js';
import { LooseSize } from '../loose.js';
import { address, decodeOptions, PatternText, requestAt, versionPattern } from '../options.js';
import { assetsOf } from '../stated-file.js';
import { versionIn } from '../version-text.js';

const Options = z.strictObject({
  ...address,
  ...versionPattern,
  type: z.literal('http-redirect'),
  /** Of the address that the redirects end at; the version is the group `version`, or group 1. */
  pattern: PatternText,
});

/** What an address ends in that is a file to install, and no page. */
const FILE = /\.(?:exe|msi|msp|msix|msixbundle|appx|zip|7z|nupkg)$/i;

/** The version in the address to which a fixed address leads. What is there, most often the installer, is not read. */
export const httpRedirect: FeedReader = {
  type: 'http-redirect',
  request(feed) {
    return { ...requestAt(decodeOptions(Options, feed), '*/*'), headOnly: true };
  },
  parse(response, feed) {
    const options = decodeOptions(Options, feed);
    const { pattern, replace } = options;
    const match = pattern.first(response.finalUrl) ?? pattern.first(asShown(response.finalUrl));
    const version = dotted((match && versionIn(wholeWhereParted(match), replace)?.trim()) ?? '');
    if (version === '') throw malformed(response, `an address like ${pattern.source}`, response.finalUrl);
    return releasesOf([{ version, assets: fileAt(response) }], options);
  },
};

/** `App%20Setup%201.2.exe` as people read it; an address that cannot be decoded stays as it is. */
function asShown(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

/** `(\d+\.)?(\d+)`: its groups are parts, and the version is all of it. */
function wholeWhereParted(match: PatternMatch): PatternMatch {
  const isPart = match.group(1)?.endsWith('.') === true;
  return isPart ? { text: match.text, group: (which) => (which === 0 ? match.text : null) } : match;
}

/** `setup-2026-2-1.exe` is how an address says 2026.2.1; a date stays one. */
function dotted(version: string): string {
  const isDate = /^(?:19|20)\d\d-\d\d-\d\d$/.test(version);
  return !isDate && /^\d+(?:-\d+)+$/.test(version) ? version.replaceAll('-', '.') : version;
}

function fileAt({ status, finalUrl, headers }: FeedResponse): readonly ReleaseAsset[] {
  if (!URL.canParse(finalUrl) || !FILE.test(new URL(finalUrl).pathname)) return [];
  const length = status === 200 && headers['content-encoding'] === undefined ? headers['content-length'] : '';
  return assetsOf({ url: finalUrl, sizeBytes: LooseSize.parse(length) }, finalUrl);
}
