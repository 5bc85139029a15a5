import type { FeedDefinition } from '../../../core/product.js';
import { compilePattern } from '../../../text/pattern.js';
import { type AnswerWriter, optionOf, pageAnswer, textAnswer } from '../answer.js';
import { elementNode, putText, writeElement } from '../element-tree.js';
import { writeAny } from '../pattern-text.js';
import { versionText } from './documents.js';

/** A download page: the version in its text, in an element, or in one of its links. */
export const writeHtml: AnswerWriter = (feed, release, url) => {
  const text = versionText(feed, release);
  if (text === null) return [];
  if (feed.select === 'links')
    return linksWith(feed, text, url).map((link) => pageAnswer(page(`<a href="${link}">Download</a>`)));
  const xpath = optionOf(feed, 'xpath');
  if (xpath === null) return [pageAnswer(page(text)), textAnswer(text)];
  return [pageAnswer(pageAt(xpath, text))];
};

function page(content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Downloads</title></head>
<body>
<h1>Downloads</h1>
${content}
<footer>All rights reserved.</footer>
</body>
</html>
`;
}

function pageAt(xpath: string, text: string): string {
  const html = elementNode('html');
  const head = elementNode('head');
  const body = elementNode('body');
  html.children.push(head, body);
  putText(html, xpath, text);
  if (head.children.length === 0) head.children.push('<title>Downloads</title>');
  return `<!doctype html>\n${writeElement(html, 'html')}\n`;
}

/** Links that hold the text and all that the feed asks of a link, in the orders that an address may have. */
function linksWith(feed: FeedDefinition, text: string, url: URL): readonly string[] {
  const contains = Array.isArray(feed.linkContains) ? feed.linkContains.map(String) : [];
  const matching = optionOf(feed, 'linkMatches');
  const others = contains.filter((part) => !text.includes(part));
  const like = matching === null || compilePattern(matching).test(text) ? [] : [writeAny(matching)];
  const end = optionOf(feed, 'linkEndsWith') ?? '';
  const ended = (link: string) => (link.endsWith(end) ? link : `${link}${end}`);
  const folder = new URL('.', url).href;
  const rest = [...others, ...like].join('/');
  return [
    // A version in the file's name is the one that the pattern finds.
    ...like.map((link) => link.replace(/\d+(?:\.\d+)+/, text)),
    ended([text, ...others, ...like].join('/')),
    ended(`${folder}${[text, rest].filter((part) => part !== '').join('/')}`),
    ended(`${rest}/${text}`),
    ended(`${folder}${rest}/${text}`),
  ];
}
