import { z } from 'zod';
import { addressOf } from '../../core/address-template.js';
import type { FeedReader, FeedRequest, VantageReader } from '../../core/ports.js';
import { malformed } from '../answer.js';
import { chooseReleases } from '../choose.js';
import { releasesOf } from '../found.js';
import { githubRequest } from '../github-request.js';
import { decodeOptions, OrderName, remarks, required, versionPattern } from '../options.js';
import { packageVersionsIn } from './manifest.js';

/** Where package manifests are asked for. */
export interface WingetSource {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** A tree of manifests in YAML as in winget-pkgs, or a winget REST source. */
  readonly shape: 'manifests' | 'rest';
}

export const WINGET_COMMUNITY: WingetSource = {
  baseUrl: 'https://raw.githubusercontent.com/microsoft/winget-pkgs/master/manifests',
  shape: 'manifests',
};

const Options = z.strictObject({
  ...remarks,
  ...versionPattern,
  type: z.literal('winget'),
  id: z
    .string()
    .max(128)
    // PackageIdentifier of the manifest schema 1.6, without what is a step in a path.
    .regex(/^[\w+&-]+(?:\.[\w+&-]+){1,7}$/, 'must be a winget PackageIdentifier')
    .optional(),
  /** What winget calls the version that the vendor calls `{version}`. */
  packageVersion: z.string().min(1).max(100).default('{version}'),
  order: OrderName.default('max'),
});

/** What the community's package manifest says of a version: which files, with which SHA-256. */
export function createWingetVantage(source: WingetSource): VantageReader {
  return {
    type: 'winget',
    request(feed, version) {
      const { id, packageVersion } = decodeOptions(Options, feed);
      return versionRequest(source, required(id, 'id'), addressOf(packageVersion, version));
    },
    parse(response, feed, version) {
      const { id, packageVersion } = decodeOptions(Options, feed);
      const wanted = `${required(id, 'id')} ${decodeURIComponent(addressOf(packageVersion, version))}`;
      const stated = packageVersionsIn(response);
      const ours = stated.find((one) => sameText(`${one.id} ${one.version}`, wanted));
      if (ours !== undefined) return { type: 'winget', version: ours.version, assets: ours.assets };
      const found = stated.slice(0, 5).map((one) => `${one.id} ${one.version}`);
      throw malformed(response, `the manifest of ${wanted}`, `that of ${found.join(', ') || 'nothing'}`);
    },
  };
}

export const winget: VantageReader = createWingetVantage(WINGET_COMMUNITY);

/** The versions of a package by themselves: in its folder's listing, in one manifest, or in a REST source's answer. */
export const wingetPackages: FeedReader = {
  type: 'winget',
  request(feed) {
    const { id } = decodeOptions(Options, feed);
    return githubRequest('microsoft/winget-pkgs', `contents/manifests/${folderOf(required(id, 'id'))}`);
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const stated = packageVersionsIn(response, options.id);
    const ours = stated.filter(({ id }) => options.id === undefined || sameText(id, options.id));
    if (ours.length === 0) {
      const wanted = `versions of ${options.id ?? 'a package'}`;
      throw malformed(response, wanted, `those of ${stated[0]?.id ?? 'nothing'}`);
    }
    const found = ours.map(({ channel, ...one }) => ({ ...one, isMarkedPrerelease: channel !== null }));
    const releases = releasesOf(found, options);
    return chooseReleases(releases, options.order, scheme);
  },
};

function versionRequest({ baseUrl, shape }: WingetSource, id: string, version: string): FeedRequest {
  if (shape === 'rest') {
    return {
      url: `${baseUrl}/packageManifests/${encodeURIComponent(id)}?Version=${version}`,
      headers: { accept: 'application/json' },
    };
  }
  return {
    url: `${baseUrl}/${folderOf(id)}/${version}/${encodeURIComponent(id)}.installer.yaml`,
    headers: { accept: 'text/plain, */*;q=0.1' },
  };
}

function folderOf(id: string): string {
  return [id.charAt(0).toLowerCase(), ...id.split('.')].map(encodeURIComponent).join('/');
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
