import { z } from 'zod';
import { addressOf } from '../../core/address-template.js';
import { PermanentError } from '../../core/errors.js';
import type { VantageReader } from '../../core/ports.js';
import type { FeedResponse, ReleaseAsset } from '../../core/release.js';
import { parseYaml } from '../../text/yaml.js';
import { describeText, malformed, textOf } from '../answer.js';
import { assetAt } from '../assets.js';
import { decodeOptions, remarks } from '../options.js';

const MANIFESTS = 'https://raw.githubusercontent.com/microsoft/winget-pkgs/master/manifests';

const Options = z.strictObject({
  ...remarks,
  type: z.literal('winget'),
  id: z
    .string()
    .max(128)
    // PackageIdentifier of the manifest schema 1.6, without what is a step in a path.
    .regex(/^[\w+&-]+(?:\.[\w+&-]+){1,7}$/, 'must be a winget PackageIdentifier'),
  /** What winget calls the version that the vendor calls `{version}`. */
  packageVersion: z.string().min(1).max(100).default('{version}'),
});

/** The installer manifest (schema 1.x): the members that are used. */
const Manifest = z.object({
  PackageIdentifier: z.string(),
  PackageVersion: z.string().min(1).max(128),
  Installers: z
    .array(z.object({ InstallerUrl: z.string().max(2048), InstallerSha256: z.string().max(64).optional() }))
    .max(1024)
    .default([]),
});

/** What the community's package manifest says of a version: which files, with which SHA-256. */
export const winget: VantageReader = {
  type: 'winget',
  request(feed, version) {
    const { id, packageVersion } = decodeOptions(Options, feed);
    const folder = [id.charAt(0).toLowerCase(), ...id.split('.')].map(encodeURIComponent).join('/');
    const file = `${encodeURIComponent(id)}.installer.yaml`;
    return {
      url: `${MANIFESTS}/${folder}/${addressOf(packageVersion, version)}/${file}`,
      headers: { accept: 'text/plain, */*;q=0.1' },
    };
  },
  parse(response, feed, version) {
    const { id, packageVersion } = decodeOptions(Options, feed);
    const manifest = manifestIn(response);
    const { PackageIdentifier, PackageVersion } = manifest;
    const wanted = `${id} ${decodeURIComponent(addressOf(packageVersion, version))}`;
    const found = `${PackageIdentifier} ${PackageVersion}`;
    if (found.toLowerCase() !== wanted.toLowerCase())
      throw malformed(response, `the manifest of ${wanted}`, `that of ${found}`);
    const assets = manifest.Installers.flatMap((one) => assetOf(one, response.finalUrl));
    return { type: 'winget', version: PackageVersion, assets };
  },
};

function manifestIn(response: FeedResponse): z.infer<typeof Manifest> {
  const text = textOf(response);
  const document = yamlIn(response, text);
  const decoded = Manifest.safeParse(document);
  if (decoded.success) return decoded.data;
  const [issue] = decoded.error.issues;
  const place = issue === undefined ? '' : ` (${issue.path.join('.') || 'document'}: ${issue.message})`;
  throw malformed(response, 'a winget installer manifest', `${describeText(text)}${place}`);
}

function yamlIn(response: FeedResponse, text: string): unknown {
  try {
    return parseYaml(text, { scalars: 'text' });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw malformed(response, 'YAML', `${describeText(text)} (${error.found ?? error.message})`, error);
  }
}

type Installer = z.infer<typeof Manifest>['Installers'][number];

function assetOf({ InstallerUrl, InstallerSha256 }: Installer, base: string): readonly ReleaseAsset[] {
  const asset = assetAt(InstallerUrl, base, InstallerSha256 ?? null);
  return asset === null ? [] : [asset];
}
