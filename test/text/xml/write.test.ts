import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import fc from 'fast-check';
import { PermanentError } from '../../../src/core/errors.js';
import { element, parseXml, writeXml, type XmlElement } from '../../../src/text/xml/index.js';

const A = { namespace: 'urn:a', prefix: 'a' };
const PLAIN = { namespace: '', prefix: '' };

test('what is written, byte for byte', async (t) => {
  await t.test('an ampersand is an ampersand, whatever it seems to begin', () => {
    const text = '& &amp; &lt; &#10; &#xA; &#13; &unknown; &';
    assert.equal(
      writeXml(element(PLAIN, 'X', { A: text }, [text])),
      '<X A="&amp; &amp;amp; &amp;lt; &amp;#10; &amp;#xA; &amp;#13; &amp;unknown; &amp;">' +
        '&amp; &amp;amp; &amp;lt; &amp;#10; &amp;#xA; &amp;#13; &amp;unknown; &amp;</X>',
    );
  });
  await t.test('white space that a reader would change is a reference', () => {
    const text = '\t\n\r"\'<>]]>';
    assert.equal(
      writeXml(element(PLAIN, 'X', { A: text }, [text])),
      '<X A="&#x9;&#xA;&#xD;&quot;\'&lt;&gt;]]&gt;">\t\n&#xD;"\'&lt;&gt;]]&gt;</X>',
    );
  });
  await t.test(
    'declarations stand where they are needed, those of the tree first and even if they repeat',
    () => {
      const inner: XmlElement = {
        ...element(A, 'In'),
        declarations: [A, { prefix: 'b', namespace: 'urn:b' }],
      };
      const root: XmlElement = {
        ...element(
          { namespace: 'urn:a', prefix: '' },
          'Out',
          [{ ...A, localName: 'At', value: '1' }],
          [inner],
        ),
        declarations: [{ prefix: 'z', namespace: 'urn:"' }],
      };
      assert.equal(
        writeXml(root),
        '<Out xmlns:z="urn:&quot;" xmlns="urn:a" xmlns:a="urn:a" a:At="1"><a:In xmlns:a="urn:a" xmlns:b="urn:b" /></Out>',
      );
    },
  );
  await t.test('only elements without text are laid out', () => {
    const mixed = element(PLAIN, 'M', {}, ['text', element(PLAIN, 'E', {}, [element(PLAIN, 'F')])]);
    assert.equal(
      writeXml(element(PLAIN, 'R', {}, [mixed, element(PLAIN, 'G')]), {
        declaration: true,
        indent: 2,
        emptyEnd: '/>',
      }),
      '<?xml version="1.0" encoding="utf-8"?>\n<R>\n  <M>text<E>\n      <F/>\n    </E></M>\n  <G/>\n</R>\n',
    );
  });
  await t.test('names that mean something in HTML or JavaScript are names', () => {
    const children = ['br', 'template', 'constructor', '__proto__'].map((name) => element(PLAIN, name));
    const html = { namespace: 'http://www.w3.org/1999/xhtml', prefix: '' };
    assert.equal(
      writeXml(element(html, 'html', {}, [element(html, 'p'), ...children])),
      '<html xmlns="http://www.w3.org/1999/xhtml"><p /><br xmlns="" /><template xmlns="" />' +
        '<constructor xmlns="" /><__proto__ xmlns="" /></html>',
    );
  });
});

test('a character that no document may hold is refused', () => {
  for (const text of ['\u0000', '\u001b', '\ufffe', '\ud800']) {
    assert.throws(
      () => writeXml(element(PLAIN, 'X', {}, [text])),
      (fault) => fault instanceof PermanentError && fault.code === 'payload.invalid',
    );
  }
});

test('what is written is read back the same, and a second reader agrees that it is sound', (t) => {
  const name = fc.constantFrom('Item', 'is.a-name', 'constructor', 'hasOwnProperty', '__proto__', 'Größe');
  const bound = fc.constantFrom(
    PLAIN,
    A,
    { namespace: 'urn:b', prefix: '' },
    { namespace: 'urn:c', prefix: 'a' },
  );
  const text = fc.string({
    unit: fc.constantFrom(...'&;#10xAamp<>"\'\r\n\t ]\u00e9\u{1f600}'),
    maxLength: 12,
  });
  const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
    tree: fc
      .record({
        name: bound,
        localName: name,
        attributes: fc.dictionary(fc.constantFrom('One', 'Two', 'constructor'), text),
        children: fc.array(fc.oneof({ maxDepth: 4 }, text, tie('tree')), { maxLength: 3 }),
      })
      .map((made) => element(made.name, made.localName, made.attributes, withoutNeighbours(made.children))),
  }));
  const documents: string[] = [];
  fc.assert(
    fc.property(tree, (made) => {
      const written = writeXml(made);
      documents.push(written);
      assert.deepEqual(bare(parseXml(written)), bare(made));
    }),
    { numRuns: 300 },
  );
  const together = `<all>${documents.join('')}</all>`;
  const lint = spawnSync('xmllint', ['--noout', '--huge', '-'], { input: together, encoding: 'utf8' });
  if (lint.error !== undefined) t.diagnostic('SKIPPED the second reader: no xmllint');
  else assert.deepEqual([lint.status, lint.stderr], [0, '']);
});

function withoutNeighbours(children: readonly (XmlElement | string)[]): (XmlElement | string)[] {
  return children.filter((child, at) => typeof child !== 'string' || typeof children[at - 1] !== 'string');
}

/** The tree without its declarations, which the writer adds. */
function bare(from: XmlElement): unknown {
  return {
    ...from,
    declarations: [],
    children: from.children.map((child) => (typeof child === 'string' ? child : bare(child))),
  };
}
