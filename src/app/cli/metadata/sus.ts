import { PermanentError } from '../../../core/errors.js';
import { coreFragment, extendedFragment, localizedFragments } from '../../../sus/fragments/index.js';
import { PUBLISHER_ID } from '../../../sus/namespaces.js';
import {
  mergePackageRules,
  readUsp,
  type ServerFile,
  type ServerItem,
  type ServerProperties,
  serverUpdate,
  splitPackage,
  translatePackage,
} from '../../../sus/translate/index.js';
import {
  attributeOf,
  childElements,
  childOf,
  parseXml,
  type XmlElement,
  writeXml,
} from '../../../text/xml/index.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { type ContentFile, contentFile } from './content.js';
import { readInput } from './read.js';

interface Fragments {
  readonly core: string;
  readonly extended: string;
  /** By language. */
  readonly localized: Readonly<Record<string, string>>;
}

interface Translation extends Fragments {
  /** The update document as the product's own translation writes it. */
  readonly update: string;
  /** Of a package of several items: one update for each. */
  readonly children?: readonly Translation[];
}

export interface TranslateOptions extends OutputOptions {
  readonly file?: readonly string[];
  readonly usp?: string;
  readonly revision?: number;
}

/** `patchpress sus translate`: the update that a server makes of a package, and what clients are told of it. */
export async function translate(
  sdp: string | undefined,
  { file = [], usp, revision = 1, ...output }: TranslateOptions,
): Promise<number> {
  if ((sdp === undefined) === (usp === undefined)) {
    throw new PermanentError('payload.invalid', 'one package is translated at a time', {
      expected: 'an SDP file, or --usp with a package and all server properties',
      found: sdp === undefined ? 'neither' : 'both',
      nextStep: 'patchpress sus translate --help',
    });
  }
  const translation =
    usp === undefined ? await translateSdp(sdp ?? '', { files: file, revision }) : translateUsp(usp);
  show(output, translation, () => translation.update);
  return EXIT.ok;
}

/** `patchpress sus fragments UPDATE.xml`: what clients are told of any update document. */
export async function fragments(file: string, output: OutputOptions): Promise<number> {
  const update = parseXml(readInput(file), { where: file });
  if (update.localName !== 'Update') {
    throw new PermanentError('package.invalid', 'this is no update document', {
      where: file,
      expected: 'the element Update',
      found: update.localName,
      nextStep: 'patchpress sus translate makes one of an SDP',
    });
  }
  const result = fragmentsOf(update);
  show(output, result, () => Object.entries(result).map(describePart).join('\n\n'));
  return EXIT.ok;
}

function describePart([name, part]: [string, string | Readonly<Record<string, string>>]): string {
  if (typeof part === 'string') return `${name}\n${part}`;
  return Object.entries(part)
    .map(([language, xml]) => `${name} ${language}\n${xml}`)
    .join('\n\n');
}

function fragmentsOf(update: XmlElement): Fragments {
  const localized = localizedFragments(update).map(({ language, xml }) => [language, xml]);
  return {
    core: coreFragment(update),
    extended: extendedFragment(update),
    localized: Object.fromEntries(localized),
  };
}

function translateUsp(usp: string): Translation {
  const { package: pkg, server } = readUsp(readInput(usp), usp);
  return translationOf(pkg, server);
}

function translationOf(pkg: XmlElement, server: ServerProperties): Translation {
  const update = writeXml(translatePackage(mergePackageRules(pkg), server));
  return { update, ...fragmentsOf(serverUpdate(pkg, server)) };
}

interface SdpOptions {
  /** Of the items, in their order. */
  readonly files: readonly string[];
  readonly revision: number;
}

async function translateSdp(sdp: string, { files, revision }: SdpOptions): Promise<Translation> {
  const pkg = parseXml(readInput(sdp), { where: sdp });
  const items = childElements(pkg, 'InstallableItem');
  if (files.length > 0 && files.length !== items.length) {
    throw new PermanentError('payload.invalid', 'each item has one content file', {
      where: sdp,
      expected: `--file ${items.length} times`,
      found: `${files.length} times`,
      nextStep: "name the items' files in their order",
    });
  }
  const contents = await Promise.all(files.map(contentFile));
  const fileOf = new Map(items.map((item, index) => [item, contents[index] ?? null]));
  const { parent, children, bundledIds, languages } = splitPackage(pkg);
  const bundle = bundledIds.map((updateId) => ({ updateId, revision }));
  const server = serverProperties(parent, { fileOf, revision, bundle, languages });
  const translation = translationOf(parent, server);
  if (children.length === 0) return translation;
  const told = children.map((child) =>
    translationOf(child, serverProperties(child, { fileOf, revision, bundle: [], languages: [] })),
  );
  return { ...translation, children: told };
}

interface Known {
  readonly fileOf: ReadonlyMap<XmlElement, ContentFile | null>;
  readonly revision: number;
  readonly bundle: ServerProperties['bundledUpdates'];
  readonly languages: readonly string[];
}

/** What a server would add: no product category is known here, so that of locally published packages stands. */
function serverProperties(pkg: XmlElement, { fileOf, revision, bundle, languages }: Known): ServerProperties {
  const items = childElements(pkg, 'InstallableItem');
  const contents = items.flatMap((item) => fileOf.get(item) ?? []);
  const sizeBytes = contents.length === 0 ? null : contents.reduce((sum, one) => sum + one.sizeBytes, 0);
  return {
    revision,
    publisherId: PUBLISHER_ID,
    productCategoryIds: [],
    metadataOnly: false,
    minDownloadSizeBytes: sizeBytes,
    maxDownloadSizeBytes: sizeBytes,
    compatibleProtocolVersion: null,
    items: new Map(
      items.map((item) => [idOf(item).toLowerCase(), serverItem(pkg, item, fileOf.get(item) ?? null)]),
    ),
    bundledUpdates: bundle,
    bundleLanguages: languages,
  };
}

function idOf(item: XmlElement): string {
  return attributeOf(item, 'ID') ?? '';
}

function serverItem(pkg: XmlElement, item: XmlElement, content: ContentFile | null): ServerItem {
  const properties = childOf(pkg, 'Properties');
  const packageId = properties === null ? '' : (attributeOf(properties, 'PackageID') ?? '');
  const isWindowsInstaller = ['MsiInstallerData', 'MspInstallerData'].some(
    (name) => childOf(item, name) !== null,
  );
  return {
    installPointDirectory: isWindowsInstaller ? `${packageId}\\${idOf(item)}` : null,
    files: content === null ? [] : [serverFile(item, content)],
  };
}

/** As a real server names its own cabinet. */
function serverFile(item: XmlElement, { sha1, sha256, sizeBytes, modified }: ContentFile): ServerFile {
  return { digest: sha1, fileName: `${idOf(item)}_1.cab`, sizeBytes, modified, originUri: null, sha256 };
}
