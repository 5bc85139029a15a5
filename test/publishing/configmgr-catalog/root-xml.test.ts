import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PermanentError } from '../../../src/core/errors.js';
import { packageInRoot, ROOT_XML } from '../../../src/publishing/configmgr-catalog/root-xml.js';
import { childElements, parseXml, withoutLayout, type XmlElement } from '../../../src/text/xml/index.js';
import { creationDateOf, installerOf, sdpOf, updateOf } from '../samples.js';

const OWN = sdpOf(updateOf(1), installerOf(updateOf(1), 1), creationDateOf(1));
const SMC = 'http://schemas.microsoft.com/sms/2005/04/CorporatePublishing/SystemsManagementCatalog.xsd';

function inRoot(sdp: Buffer): readonly XmlElement[] {
  const text = Buffer.concat([ROOT_XML.head, Buffer.from(packageInRoot(sdp, 'here')), ROOT_XML.tail]);
  return childElements(parseXml(text, { where: 'root', maxBytes: 1 << 22 }));
}

/** Names by namespace, attributes and text: what prefixes and layout do not change. */
function said(from: XmlElement): unknown {
  return [
    from.namespace,
    from.localName,
    from.attributes.map(({ namespace, localName, value }) => [namespace, localName, value]),
    withoutLayout(from).children.map((child) => (typeof child === 'string' ? child : said(child))),
  ];
}

function assertTwins(sdp: Buffer): void {
  const [found, ...others] = inRoot(sdp);
  assert.ok(found !== undefined && others.length === 0);
  const document = parseXml(sdp, { where: 'sdp', maxBytes: 1 << 22 });
  assert.deepEqual(said(found), said({ ...document, namespace: SMC }));
}

describe('a package in the root XML says what its own document says', () => {
  const forms: Readonly<Record<string, string>> = {
    'as we write it': OWN,
    'with a declaration': `<?xml version="1.0" encoding="utf-8"?>\n${OWN}`,
    'with a byte order mark': `\ufeff${OWN}`,
    'with a comment at the end': `${OWN}<!-- </sdp:SoftwareDistributionPackage> -->`,
    'with a default namespace': OWN.replaceAll('<sdp:', '<')
      .replaceAll('</sdp:', '</')
      .replace('xmlns:sdp=', 'xmlns='),
    'with prefixes that mean other things': OWN.replaceAll(/\bbar([:=])/g, 'lars$1')
      .replaceAll(/\bmsi([:=])/g, 'smc$1')
      .replaceAll('lars', 'cmdx'),
    'with a namespace of its own': OWN.replace(' SchemaVersion', ' xmlns:x="urn:x" x:a="1" SchemaVersion'),
    'with single quotes': OWN.replace('SchemaVersion="1.2"', "SchemaVersion='1.2'"),
    'with an empty root': `${OWN.slice(0, OWN.indexOf('>'))} />`,
  };
  for (const [title, text] of Object.entries(forms)) test(title, () => assertTwins(Buffer.from(text)));

  test('of real vendors', (t) => {
    const folder = '../shared/samples/sdp';
    if (!existsSync(folder)) {
      t.diagnostic(`${folder} is not here: no vendor's document was tried`);
      return;
    }
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(sdp|xml)$/.test(name),
    );
    assert.ok(names.length > 20, `${names.length}`);
    for (const name of names) {
      const sdp = readFileSync(join(folder, name));
      if (sdp.includes('SoftwareDistributionPackage')) assertTwins(sdp);
    }
  });
});

test('a document that cannot be read is refused', () => {
  for (const text of ['', 'no XML', OWN.slice(0, -30), `<!DOCTYPE x>${OWN}`]) {
    assert.throws(
      () => packageInRoot(Buffer.from(text), 'V2\\x.sdp'),
      (error: unknown) => error instanceof PermanentError && error.where?.includes('V2\\x.sdp') === true,
      text.slice(0, 40),
    );
  }
});
