import { createHash } from 'node:crypto';
import {
  type AnswerWriter,
  type FarmAsset,
  type FarmRelease,
  optionOf,
  patternOf,
  textAnswer,
  xmlAnswer,
} from '../answer.js';
import { escaped } from '../element-tree.js';
import { writeMatching } from '../pattern-text.js';
import { versionText } from './documents.js';

/** A digest of another kind that belongs to the file, as far as a stand-in has a file at all. */
function digestOf(algorithm: 'sha1' | 'sha512', asset: FarmAsset, encoding: 'hex' | 'base64'): string {
  const stated = asset[algorithm];
  if (stated !== undefined) return Buffer.from(stated, 'hex').toString(encoding);
  return createHash(algorithm).update(asset.sha256).digest(encoding);
}

/** `latest.yml` of electron-builder. */
export const writeElectronUpdater: AnswerWriter = (feed, release) => {
  const pattern = patternOf(feed);
  const found = pattern === null ? '' : (writeMatching(pattern, release.version) ?? '');
  const [asset] = release.assets;
  if (asset === undefined) return [];
  const sha512 = digestOf('sha512', asset, 'base64');
  const yaml = (version: string, file: string) => `version: ${version}
files:
  - url: ${file}
    sha512: ${sha512}
    size: ${asset.sizeBytes}
path: ${file}
sha512: ${sha512}
releaseDate: '${release.publishedAt}'
`;
  return [
    textAnswer(yaml(release.version, asset.name)),
    textAnswer(yaml(release.version, found)),
    textAnswer(yaml(found, asset.name)),
  ];
};

/** `RELEASES` of Squirrel.Windows: SHA-1, package and size. */
export const writeSquirrelReleases: AnswerWriter = (feed, release) => {
  const [asset] = release.assets;
  if (asset === undefined) return [];
  const line = (file: string) =>
    `${digestOf('sha1', asset, 'hex').toUpperCase()} ${file} ${asset.sizeBytes}\r\n`;
  const name = asset.name.split(/[-_.]/)[0] ?? 'app';
  const found = versionText(feed, release);
  const files = [
    `${name}-${release.version}-full.nupkg`,
    ...(found === null ? [] : [`${name}-${found}nupkg`, found]),
  ];
  return files.map((file) => textAnswer(line(file)));
};

/** RSS of Sparkle and WinSparkle. */
export const writeAppcast: AnswerWriter = (feed, release) => {
  const text = versionText(feed, release);
  const [asset] = release.assets;
  if (text === null || asset === undefined) return [];
  return [
    xmlAnswer(`<rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle">
<channel><title>Updates</title><language>en</language>
<item><title>${escaped(text)}</title><pubDate>${new Date(release.publishedAt).toUTCString()}</pubDate>
<enclosure url="${escaped(asset.url)}" sparkle:version="${escaped(text)}" sparkle:shortVersionString="${escaped(text)}" sparkle:os="windows" length="${asset.sizeBytes}" type="application/octet-stream"/>
</item></channel></rss>`),
  ];
};

/** An answer of the Omaha protocol, version 3. */
export const writeOmaha: AnswerWriter = (feed, release) => {
  const [asset] = release.assets;
  if (asset === undefined) return [];
  const folder = new URL('.', asset.url).href;
  return [
    xmlAnswer(`<response protocol="3.0" server="prod"><daystart elapsed_days="7270" elapsed_seconds="9000"/>
<app appid="${escaped(optionOf(feed, 'appId') ?? '')}" status="ok"><updatecheck status="ok"><urls><url codebase="${escaped(folder)}"/></urls>
<manifest version="${escaped(release.version)}"><actions><action event="install" run="${escaped(asset.name)}"/></actions>
<packages><package name="${escaped(asset.name)}" required="true" size="${asset.sizeBytes}" hash="${digestOf('sha1', asset, 'base64')}" hash_sha256="${asset.sha256}"/></packages>
</manifest></updatecheck></app></response>`),
  ];
};

const LISTED = /^[\w./-]/;

/** The files of a SourceForge project. */
export const writeSourceforgeRss: AnswerWriter = (feed, release) => {
  const project = optionOf(feed, 'project') ?? '';
  const folder = decoded(optionOf(feed, 'path') ?? '/')
    .replace(/^\/?/, '/')
    .replace(/\/?$/, '/');
  const text =
    patternOf(feed) === null ? `${project}-${release.version}-setup.exe` : versionText(feed, release);
  if (text === null) return [];
  const paths = [`${folder}${text}`, LISTED.test(text) ? `/${text}` : text, text];
  return paths.map((path) => itemAnswer(project, path, release));
};

function itemAnswer(project: string, path: string, release: FarmRelease) {
  const link = `https://sourceforge.net/projects/${project}/files${encodeURI(path)}/download`;
  const sizeBytes = release.assets[0]?.sizeBytes ?? 0;
  return xmlAnswer(`<rss xmlns:media="http://video.search.yahoo.com/mrss/" version="2.0">
<channel><title>${escaped(project)}</title><link>https://sourceforge.net</link>
<item><title><![CDATA[${path}]]></title><link>${escaped(link)}</link><guid>${escaped(link)}</guid>
<pubDate>${new Date(release.publishedAt).toUTCString().replace('GMT', 'UT')}</pubDate>
<description><![CDATA[${path}]]></description>
<media:content type="application/octet-stream" url="${escaped(link)}" filesize="${sizeBytes}"><media:hash algo="md5">${'0'.repeat(32)}</media:hash></media:content>
</item></channel></rss>`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
