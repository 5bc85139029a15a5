import type { FeedDefinition } from '../../../core/product.js';
import {
  type AnswerWriter,
  type FarmRelease,
  jsonAnswer,
  optionOf,
  pageAnswer,
  patternOf,
  textAnswer,
  xmlAnswer,
} from '../answer.js';
import { elementNode, putText, rootNameOf, writeElement } from '../element-tree.js';
import { putAt } from '../json-document.js';
import { writeMatching } from '../pattern-text.js';

/** The text that stands for the version: in it the feed's pattern finds it. Null where it cannot. */
export function versionText(feed: FeedDefinition, { version }: FarmRelease): string | null {
  const pattern = patternOf(feed);
  if (pattern === null) return version;
  const spellings = ['.', '_', '-'].map((separator) => version.replaceAll('.', separator));
  const written = spellings.map((spelled) => writeMatching(pattern, spelled));
  return written.find((text) => text !== null) ?? null;
}

/** A document around the version, at the path or anywhere; `base`: what the answers of this vendor always hold. */
export function jsonDocument(feed: FeedDefinition, release: FarmRelease, base: unknown = {}): unknown {
  const text = versionText(feed, release);
  const path = optionOf(feed, 'path');
  if (text === null) return null;
  if (path === null) return { name: 'release', latest: text };
  const join = optionOf(feed, 'join');
  let document = putAt(base, path, join === null ? text : text.split(join));
  const [asset] = release.assets;
  const downloadPath = optionOf(feed, 'downloadPath');
  const sha256Path = optionOf(feed, 'sha256Path');
  if (downloadPath !== null && asset !== undefined) document = putAt(document, downloadPath, asset.url);
  if (sha256Path !== null && asset !== undefined) document = putAt(document, sha256Path, asset.sha256);
  return document;
}

export const writeJson: AnswerWriter = (feed, release) => {
  const document = jsonDocument(feed, release);
  return document === null ? [] : [jsonAnswer(document)];
};

/** JSON is YAML 1.2; a mapping of plain members is written as people write it. */
export const writeYaml: AnswerWriter = (feed, release) => {
  const document = jsonDocument(feed, release);
  return document === null ? [] : [textAnswer(yamlOf(document))];
};

function yamlOf(document: unknown): string {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return JSON.stringify(document);
  return `${Object.entries(document)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join('\n')}\n`;
}

export const writeText: AnswerWriter = (feed, release) => {
  const text = versionText(feed, release);
  return text === null ? [] : [textAnswer(`${text}\n`), textAnswer(text)];
};

/** `section.name`, or a name outside of all sections. */
export const writeIni: AnswerWriter = (feed, release) => {
  const text = versionText(feed, release);
  const key = optionOf(feed, 'key');
  if (text === null || key === null) return [];
  const dot = key.lastIndexOf('.');
  const section = dot < 0 ? '' : `[${key.slice(0, dot)}]\r\n`;
  return [textAnswer(`${section}${key.slice(dot + 1)}=${text}\r\n`)];
};

export const writeXml: AnswerWriter = (feed, release) => {
  const text = versionText(feed, release);
  const xpath = optionOf(feed, 'xpath') ?? optionOf(feed, 'path');
  if (text === null) return [];
  if (xpath === null) return [xmlAnswer(`<update>${text}</update>`), textAnswer(`${text}\n`)];
  const root = elementNode(rootNameOf(xpath) ?? 'feed');
  putText(root, xpath, text);
  return [xmlAnswer(writeElement(root, 'xml'))];
};

export const writeEmbeddedJson: AnswerWriter = (feed, release) => {
  const text = versionText(feed, release);
  if (text === null) return [];
  const path = optionOf(feed, 'path');
  const held = path === null ? text : JSON.stringify(jsonDocument(feed, release));
  return [
    pageAnswer(
      `<!doctype html>\n<html><body>\n<script type="application/json">\n${held}\n</script>\n</body></html>\n`,
    ),
  ];
};
