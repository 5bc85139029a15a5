import { addressOf } from '../core/address-template.js';
import { PermanentError, printable } from '../core/errors.js';
import type { InstallerDefinition } from '../core/product.js';
import type { Release, ReleaseAsset } from '../core/release.js';
import { compilePattern } from '../text/pattern.js';

/**
 * The one file of a release that a definition means: by the name of an asset, or by the address template. Where a feed
 * names the file at that address too, its size and digests come along. PermanentError `feed.no-release` when none or
 * several fit, `download.refused` when the address is not https.
 */
export function selectAsset(release: Release, definition: InstallerDefinition): ReleaseAsset {
  const { assetPattern, urlTemplate } = definition;
  if (assetPattern !== undefined && (release.assets.length > 0 || urlTemplate === undefined)) {
    return requireHttps(byName(release, assetPattern), release);
  }
  if (urlTemplate !== undefined) return requireHttps(byAddress(release, urlTemplate), release);
  throw new PermanentError(
    'definition.invalid',
    'the definition does not say which file of a release it means',
    {
      expected: 'assetPattern or urlTemplate',
      found: 'neither',
      nextStep: 'complete the definition',
    },
  );
}

function byName(release: Release, assetPattern: string): ReleaseAsset {
  const pattern = compilePattern(assetPattern);
  const fitting = release.assets.filter(({ name }) => name.length <= 300 && pattern.test(name));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  throw new PermanentError(
    'feed.no-release',
    only === undefined ? 'no file of the release fits' : 'several files of the release fit',
    {
      where: printable(`version ${release.version}`, 120),
      expected: `one file named like ${printable(assetPattern, 200)}`,
      found: namesOf(only === undefined ? release.assets : fitting),
      nextStep: 'correct assetPattern in the definition, or wait until the vendor has uploaded the file',
    },
  );
}

function namesOf(assets: readonly ReleaseAsset[]): string {
  const names = assets.slice(0, 8).map(({ name }) => printable(name, 80));
  return `${assets.length} files${names.length === 0 ? '' : `: ${names.join(', ')}`}`;
}

function byAddress(release: Release, urlTemplate: string): ReleaseAsset {
  const url = new URL(checked(addressOf(urlTemplate, release.version)));
  const named = release.assets.find((one) => URL.canParse(one.url) && new URL(one.url).href === url.href);
  return (
    named ?? {
      name: nameOf(url),
      url: url.href,
      sizeBytes: null,
      digests: { sha1: null, sha256: null, sha512: null },
    }
  );
}

function nameOf(url: URL): string {
  const last = url.pathname.split('/').findLast((part) => part !== '' && part !== 'download') ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

function checked(address: string): string {
  if (URL.canParse(address)) return address;
  throw new PermanentError('definition.invalid', 'the address template gives no address', {
    found: printable(address, 300),
    nextStep: 'correct urlTemplate in the definition',
  });
}

/** On the way to a site that installs it as SYSTEM, nothing is fetched in the clear, and no address carries a login. */
function requireHttps(asset: ReleaseAsset, release: Release): ReleaseAsset {
  const url = URL.canParse(asset.url) ? new URL(asset.url) : null;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return asset;
  throw new PermanentError('download.refused', 'the address of the file is not allowed', {
    where: printable(`version ${release.version}`, 120),
    expected: 'an https address without a login',
    found: printable(asset.url, 300),
    nextStep: 'give urlTemplate with https in the definition',
  });
}
