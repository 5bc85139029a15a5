import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { UpdateServices } from '../../../src/lab/software-update-point/imported/index.js';
import { parseXml, type XmlElement } from '../../../src/text/xml/index.js';
import { eventsOfScan } from '../../../src/verification/install-events.js';
import { scanServer } from '../../../src/verification/scan.js';
import { createHttpsTransport } from '../../../src/verification/transport.js';
import { extendedInfo } from '../../../src/verification/wusp/extended.js';
import { reportEvents } from '../../../src/verification/wusp/reports.js';
import { openSession } from '../../../src/verification/wusp/session.js';
import {
  CATEGORIES,
  CLASS,
  idOf,
  importFolderOf,
  type Made,
  PRODUCT,
  removeFolders,
  start,
} from '../../lab/software-update-point/update-services.js';
import { windows } from '../machine.js';
import { type Asked, stubServer } from './stub-server.js';

/** One element in another spelling of the same: [XML 1.0], [Namespaces 1.0]. */
type Spelling = (element: XmlElement, inner: readonly string[]) => string;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const attributes = ({ attributes: list }: XmlElement) =>
  list.map(({ localName, value }) => ` ${localName}="${escaped(value).replaceAll('"', '&quot;')}"`).join('');
const written = (name: string, declared: string, from: XmlElement, inner: readonly string[]) =>
  `<${name}${declared}${attributes(from)}>${inner.join('')}</${name}>`;

function respelled(xml: string, spelling: Spelling, text: (value: string) => string): string {
  const write = (from: XmlElement): string => {
    const inner = from.children.map((child) => (typeof child === 'string' ? text(child) : write(child)));
    return spelling(from, inner);
  };
  return write(parseXml(xml));
}

const prefixed: Spelling = (from, inner) =>
  from.namespace === ''
    ? written(from.localName, '', from, inner)
    : written(`_1:${from.localName}`, ` xmlns:_1="${from.namespace}"`, from, inner);
const plain: Spelling = (from, inner) => written(from.localName, ` xmlns="${from.namespace}"`, from, inner);
const laidOut: Spelling = (from, inner) => {
  const isList = from.children.every((child) => typeof child !== 'string') && inner.length > 0;
  return plain(from, isList ? ['\r\n<!-- laid <out> -->\r\n\t', inner.join('\r\n\t'), '\r\n'] : inner);
};
const cdata = (value: string) => `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
const numeric = (value: string) =>
  [...value].map((letter) => `&#x${(letter.codePointAt(0) ?? 0).toString(16)};`).join('');

const SPELLINGS: readonly [string, Spelling, (value: string) => string][] = [
  ['another prefix at each element', prefixed, escaped],
  ['no prefix at all, laid out, with comments', laidOut, escaped],
  ['texts as CDATA', plain, cdata],
  ['texts as character references', prefixed, numeric],
];

const filed = [PRODUCT, CLASS];
const is = (value: 'True' | 'False') => `<upd:IsInstalled><lar:${value}/></upd:IsInstalled>`;
const INSTALLABLE = '<upd:IsInstallable><lar:True/></upd:IsInstallable>';
const software = (n: number, more: Partial<Made> = {}): Made => ({
  id: idOf(n),
  properties: 'ExplicitlyDeployable="true"',
  prerequisites: filed,
  rules: `${is('False')}${INSTALLABLE}`,
  ...more,
});
const member = (n: number, more: Partial<Made> = {}) => software(n, { properties: '', ...more });
const bundle = (n: number, ids: readonly number[], more: Partial<Made> = {}) =>
  software(n, { rules: '', bundled: ids.map(idOf), ...more });
const detectoid = (n: number, value: 'True' | 'False'): Made => ({
  id: idOf(n),
  type: 'Detectoid',
  rules: is(value),
});

const DOCUMENTS: readonly Made[] = [
  ...CATEGORIES,
  detectoid(10, 'True'),
  detectoid(11, 'False'),
  software(20, { prerequisites: [...filed, idOf(10)], revision: 3 }),
  software(21, { prerequisites: [...filed, idOf(11)] }),
  software(22, { rules: `${is('True')}${INSTALLABLE}` }),
  // One within the other: needed because the innermost is.
  bundle(30, [31]),
  bundle(31, [32, 33], { properties: '' }),
  member(32),
  member(33, { rules: `${is('True')}${INSTALLABLE}` }),
  bundle(34, [35]),
  member(35, { rules: `${is('True')}${INSTALLABLE}` }),
  // Each takes the place of the one before.
  software(40),
  software(41, { supersedes: [idOf(40)] }),
  software(42, { supersedes: [idOf(41)] }),
  software(50, {
    rules: `${is('False')}<upd:IsInstallable><lar:Not><lar:True/></lar:Not></upd:IsInstallable>`,
  }),
  software(51, {
    localized:
      '<upd:LocalizedProperties><upd:Language>de</upd:Language><upd:Title>Größe &amp; &lt;Maß&gt;</upd:Title></upd:LocalizedProperties>',
  }),
];
const EXPECTED: Readonly<Record<number, string>> = {
  20: 'required',
  22: 'installed',
  30: 'required',
  31: 'required',
  32: 'required',
  33: 'installed',
  34: 'installed',
  35: 'installed',
  40: 'superseded',
  41: 'superseded',
  42: 'required',
  50: 'notApplicable',
  51: 'required',
};

let services: UpdateServices;
before(async () => {
  services = await start(importFolderOf(DOCUMENTS));
});
after(async () => {
  await services.close();
  removeFolders();
});

/** What a client finds, with texts in German where there are any. */
async function find(t: TestContext, base: string) {
  const transport = createHttpsTransport({ client: null, hosts: {}, timeoutMs: 20_000 });
  t.after(() => transport.close());
  const computer = { clientId: '22222222-0000-4000-8000-000000000001', dnsName: 'größe & <maß>.lab' };
  const session = await openSession({ transport, base, computer, machine: windows, now: () => new Date() });
  const scan = await scanServer(session, new Map());
  const software = scan.updates.filter(({ known }) => known?.core.updateType === 'Software');
  const info = await extendedInfo(
    session,
    software.map(({ revisionId }) => revisionId),
    ['de', 'en'],
  );
  await reportEvents(session, eventsOfScan(scan), {
    now: new Date(),
    newId: () => computer.clientId,
    os: windows.os,
  });
  return {
    trips: scan.trips,
    states: Object.fromEntries(
      software.map(({ known, state }) => [Number(known?.core.updateId.slice(-12)), state]),
    ),
    texts: [...info.localized.values()],
    extended: [...info.extended.values()],
  };
}

describe('what a client finds', () => {
  test('is right for bundles in bundles, chains of supersedence and detectoids', async (t) => {
    const { states, texts } = await find(t, services.baseUrl);
    assert.deepEqual(states, EXPECTED);
    assert.ok(
      texts.some((text) => text.includes('<Language>de</Language><Title>Größe &amp; &lt;Maß&gt;</Title>')),
    );
  });

  for (const [name, spelling, text] of SPELLINGS) {
    test(`does not depend on how messages are spelled: ${name}`, async (t) => {
      const spell = (xml: string) => respelled(xml, spelling, text);
      const forward = async (asked: Asked, response: ServerResponse) => {
        const { soapaction = '' } = asked.headers;
        const answer = await fetch(`${services.baseUrl}${asked.path}`, {
          method: 'POST',
          headers: { 'content-type': 'text/xml', soapaction: String(soapaction).replaceAll('"', '') },
          body: spell(asked.body),
        });
        const body = `<?xml version="1.0" encoding="utf-8"?>\n${spell(await answer.text())}\n`;
        response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(`\ufeff${body}`);
      };
      const { base } = await stubServer(t, (asked) => (response) => {
        forward(asked, response).catch((error: unknown) => response.destroy(error as Error));
      });
      assert.deepEqual(await find(t, base), await find(t, services.baseUrl));
    });
  }
});
