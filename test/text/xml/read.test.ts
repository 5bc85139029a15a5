import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import fc from 'fast-check';
import { PermanentError } from '../../../src/core/errors.js';
import {
  parseXml,
  parseXmlFragment,
  textOf,
  writeXml,
  type XmlElement,
} from '../../../src/text/xml/index.js';

function refusal(read: () => unknown): PermanentError {
  try {
    read();
  } catch (fault) {
    if (fault instanceof PermanentError) return fault;
    throw fault;
  }
  return assert.fail('it was read');
}

test('what is refused, and where', async (t) => {
  const cases: Readonly<Record<string, readonly [document: string, where: RegExp]>> = {
    nothing: ['', /^f$/],
    'two roots': ['<a/><b/>', /^f$/],
    'text before the root': ['x<a/>', /line 1, column 1$/],
    'text after the root': ['<a/>\nx', /line 1, column 5$/],
    'no end tag': ['<a><b></b>', /line 1, column 11$/],
    'no start tag': ['<a/></a>', /line 1, column 5$/],
    'tags that do not match': ['<a>\n <b></a></b>', /line 2, column 5$/],
    'an end tag with attributes': ['<a></a x="1">', /line 1, column 4$/],
    'an attribute twice': ['<a>\n<b x="1" x="2"/></a>', /line 2, column 1$/],
    'an attribute twice under two prefixes': [
      '<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>',
      /line 1, column 1$/,
    ],
    'an attribute without value': ['<a x/>', /line 1, column 3$/],
    'an attribute without quotes': ['<a x=1/>', /line 1, column 3$/],
    'attributes without space': ['<a x="1"y="2"/>', /line 1, column 9$/],
    'a tag in an attribute': ['<a x="<b>"/>', /line 1, column 3$/],
    'a quote that is not closed': ['<a x="1/>', /line 1, column 3$/],
    'a bad name': ['<1a/>', /line 1, column 1$/],
    'a prefix without name': ['<p:/>', /line 1, column 3$/],
    'two colons': ['<a:b:c xmlns:a="u"/>', /line 1, column 5$/],
    'an undeclared prefix': ['<a>\n\n<p:b/></a>', /line 3, column 1$/],
    'an undeclared prefix of an attribute': ['<a p:x="1"/>', /line 1, column 1$/],
    'a prefix bound to nothing': ['<a xmlns:p=""/>', /line 1, column 1$/],
    'the prefix xml for another namespace': ['<a xmlns:xml="u"/>', /line 1, column 1$/],
    'another prefix for the namespace xml': [
      '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>',
      /line 1, column 1$/,
    ],
    'a document type': ['<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', /line 1, column 1$/],
    'a document type inside': ['<a><!DOCTYPE a></a>', /line 1, column 4$/],
    'a processing instruction': ['<a><?php x?></a>', /line 1, column 4$/],
    'a second declaration': ['<?xml version="1.0"?><?xml version="1.0"?><a/>', /line 1, column 22$/],
    'a declaration that is not first': [' <?xml version="1.0"?><a/>', /line 1, column 2$/],
    'a malformed declaration': ['<?xml version="2.0"?><a/>', /line 1$/],
    'an entity of HTML': ['<a>\n<b>&nbsp;</b></a>', /line 2, column 1$/],
    'an entity of HTML in an attribute': ['<a x="&nbsp;"/>', /line 1, column 1$/],
    'an ampersand': ['<a>1 & 2</a>', /line 1, column 1$/],
    'a reference to no character': ['<a>&#0;</a>', /line 1, column 1$/],
    'a reference to half of a pair': ['<a>&#xD800;</a>', /line 1, column 1$/],
    'the end of CDATA in text': ['<a>]]></a>', /line 1, column 4$/],
    'CDATA outside of the root': ['<a/><![CDATA[ ]]>', /line 1, column 5$/],
    'CDATA that does not end': ['<a><![CDATA[x</a>', /line 1, column 4$/],
    'two hyphens in a comment': ['<a><!-- -- --></a>', /line 1, column 4$/],
    'a comment that does not end': ['<a><!-- x</a>', /line 1, column 4$/],
    'a control character': ['<a>\r\n\u0001</a>', /line 2, column 1$/],
  };
  for (const [what, [document, where]] of Object.entries(cases)) {
    await t.test(what, () => {
      const fault = refusal(() => parseXml(document, { where: 'f' }));
      assert.equal(fault.code, 'payload.invalid');
      assert.match(fault.message, /^XML refused: /);
      assert.match(fault.where ?? '', where);
    });
  }
});

test('limits', () => {
  const deep = (levels: number): string => '<a>'.repeat(levels) + '</a>'.repeat(levels);
  assert.equal(parseXml(deep(64)).localName, 'a');
  assert.match(refusal(() => parseXml(deep(65))).message, /too deep/);
  assert.match(refusal(() => parseXml(deep(5), { maxDepth: 4 })).message, /too deep/);
  assert.equal(parseXml(deep(200), { maxDepth: 200 }).localName, 'a');
  assert.match(refusal(() => parseXml('<a b="" c="" d=""/>', { maxAttributes: 2 })).message, /too many attr/);
  assert.match(refusal(() => parseXml('<abc/>', { maxBytes: 5 })).message, /6 bytes/);
});

test('what a text means', async (t) => {
  await t.test('white space, references and line ends', () => {
    const { attributes, children } = parseXml(
      '<a x="1\r\n2\t3&#10;&#13;&#9;&amp;#10;" y=\'"&lt;>\'>\r\n&#13;\t<![CDATA[&amp;\r]]>&amp;amp;&quot;</a>',
    );
    assert.deepEqual(
      attributes.map(({ value }) => value),
      ['1 2 3\n\r\t&#10;', '"<>'],
    );
    assert.deepEqual(children, ['\n\r\t&amp;\n&amp;"']);
  });
  await t.test('a text is whole, whatever stands in it', () => {
    const { children } = parseXml('<a> 1<!-- <b> & -->2<![CDATA[]]>3<b />\n<![CDATA[<c>]]> </a>');
    assert.deepEqual(
      children.map((child) => (typeof child === 'string' ? child : child.localName)),
      [' 123', 'b', '\n<c> '],
    );
  });
  await t.test('texts that look like numbers, dates or booleans stay texts', () => {
    for (const text of ['007', '1.10', '0x1F', '1e3', 'true', 'NaN', '', ' 5 ']) {
      const read = parseXml(`<a x="${text}">${text}</a>`);
      assert.deepEqual([read.attributes[0]?.value, textOf(read)], [text, text]);
    }
  });
  await t.test('names that mean something to JavaScript are names', () => {
    const name = '__proto__';
    const document = `<constructor ${name}="1" toString="2" hasOwnProperty="3"><${name}/><prototype /><valueOf>4</valueOf></constructor>`;
    assert.equal(writeXml(parseXml(document)), document.replace(`<${name}/>`, `<${name} />`));
  });
  await t.test('namespaces', () => {
    const [first, second] = parseXmlFragment(
      '<a xmlns="u" p:x="1" y="2" xmlns:p="v"><p:b/><c xmlns=""/></a> <a/>',
    );
    assert.deepEqual(first?.attributes, [
      { namespace: 'v', prefix: 'p', localName: 'x', value: '1' },
      { namespace: '', prefix: '', localName: 'y', value: '2' },
    ]);
    assert.deepEqual(first.declarations, [
      { prefix: '', namespace: 'u' },
      { prefix: 'p', namespace: 'v' },
    ]);
    const namespaces = (of: readonly (XmlElement | string)[]): string[] =>
      of.map((child) => (typeof child === 'string' ? child : child.namespace));
    assert.deepEqual(namespaces(first.children), ['v', '']);
    assert.deepEqual(second?.namespace, '');
  });
});

test('whatever is read, a second reader reads the same', (t) => {
  const piece = fc.constantFrom(
    ...[
      '<a>',
      '</a>',
      '<a/>',
      '<p:b xmlns:p="urn:u">',
      '</p:b>',
      '<a x="1" y=\'>\' />',
      '<a\n\tx\t=\r\n"\r\n2\t/"\n>',
    ],
    ...[
      '&amp;',
      '&#10;',
      '&#xD;',
      '&#xD;&lt;',
      '&e;',
      '&',
      'text',
      '\r\n',
      '\r',
      '\t ',
      'é',
      '\u{1f600}',
      '"',
      "'",
    ],
    ...[
      '<![CDATA[<&\r\n]]>',
      ']]>',
      '<!-- <a> -->',
      '--',
      '<',
      '>',
      '/',
      ' =',
      ' x="1"',
      ' xmlns="urn:w"',
      '<?x?>',
    ],
  );
  const content: fc.Arbitrary<string> = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
  const paired = fc.tuple(content, content).map(([inner, after]) => `<a x="1">${inner}</a>${after}`);
  const read: string[] = [];
  fc.assert(
    fc.property(fc.oneof(content, paired), (text) => {
      try {
        if (parseXmlFragment(text).length > 0) read.push(text);
      } catch (fault) {
        assert.ok(fault instanceof PermanentError && fault.code === 'payload.invalid', String(fault));
      }
    }),
    { numRuns: 8000 },
  );
  assert.ok(read.length > 200, `${read.length} were read`);
  const canonical = canonicalOf(read);
  if (canonical === null) t.diagnostic('SKIPPED the second reader: no xmllint');
  else {
    const written = read.map((text) =>
      parseXmlFragment(text)
        .map((root) => writeXml(root))
        .join(''),
    );
    assert.equal(canonicalOf(written), canonical);
  }
});

/** By xmllint, an element around each text, comments and the white space between roots left out; null without xmllint. */
function canonicalOf(texts: readonly string[]): string | null {
  const input = `<all>${texts.map((text) => `<one>${text}</one>`).join('\n')}</all>`;
  const lint = spawnSync('xmllint', ['--c14n', '-'], { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (lint.error !== undefined) return null;
  assert.deepEqual([lint.status, lint.stderr], [0, '']);
  const roots = parseXml(lint.stdout.replace(/<!--.*?-->/gs, ''), { maxBytes: 64 << 20 }).children;
  return roots
    .filter((one) => typeof one !== 'string')
    .map((one) =>
      one.children
        .filter((child) => typeof child !== 'string')
        .map((root) => writeXml(root))
        .join(''),
    )
    .join('\n');
}
