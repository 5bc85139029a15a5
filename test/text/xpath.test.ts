import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { PermanentError } from '../../src/core/errors.js';
import { parseXml } from '../../src/text/xml/index.js';
import { compileXPath } from '../../src/text/xpath/index.js';

const DOCUMENT = `<updates xmlns:s="urn:s" channel="stable">
  <bundle id="Editor/x64"><update><version>10.6</version></update><update><version>11.0</version></update></bundle>
  <bundle id="Editor/x86"><update s:os="windows"><version kind="full">9.5 beta</version></update></bundle>
  <bundle><id>Tools</id><update><s:note>3.1</s:note><deep><version>3.2</version></deep></update></bundle>
  <empty/>
</updates>`;
const root = parseXml(DOCUMENT);
const select = (expression: string) => compileXPath(expression).select(root);

/** Expression and the texts that are found; held to xmllint's own XPath 1.0 below. */
const TABLE: readonly (readonly [string, readonly string[]])[] = [
  ['/updates/bundle/update/version', ['10.6', '11.0', '9.5 beta']],
  ['//version', ['10.6', '11.0', '9.5 beta', '3.2']],
  ['/updates//deep/version', ['3.2']],
  ['//bundle[@id="Editor/x64"]/update[last()]/version', ['11.0']],
  ["//bundle[id='Tools' or @id='Tools']//version", ['3.2']],
  ["//bundle[@id='Editor/x64' and update]/update[1]/version", ['10.6']],
  ['//update[1]/version', ['10.6', '9.5 beta']],
  ['//update[2]/version', ['11.0']],
  ['//update[position() = 2]/version', ['11.0']],
  ['//bundle[3]/id', ['Tools']],
  ['/updates/@channel', ['stable']],
  ['//@id', ['Editor/x64', 'Editor/x86']],
  ['//version/@kind', ['full']],
  ['/*/*[2]/@id', ['Editor/x86']],
  ['//version[@kind="full"]/text()', ['9.5 beta']],
  ["//bundle[contains(@id, 'x86')]/update/version", ['9.5 beta']],
  ["//version[starts-with(., '1')]", ['10.6', '11.0']],
  ["//version[not(starts-with(., '1'))]", ['9.5 beta', '3.2']],
  ["//version[. = '11.0']", ['11.0']],
  ['//version[. = 11]', ['11.0']],
  ["//bundle[@id != 'Editor/x64']/update/version", ['9.5 beta']],
  ["//version[. != '10.6'][1]", ['11.0', '9.5 beta', '3.2']],
  ["//version[.='11.0']/../../@id", ['Editor/x64']],
  ['//deep/..//version', ['3.2']],
  ['//bundle[./id]/update/deep/version', ['3.2']],
  ["//bundle[update/version = '11.0']/@id", ['Editor/x64']],
  ["//bundle[('a' = 'b') or (id)]/id", ['Tools']],
  ['//bundle//update//version', ['10.6', '11.0', '9.5 beta', '3.2']],
  ['//nothing', []],
  ['//empty', ['']],
  ["/updates/bundle['#text'][1]/@id", ['Editor/x64']],
  ['//id | //@id', ['Editor/x64', 'Editor/x86', 'Tools']],
  ['(//version)[2]', ['11.0']],
  ['(//version)[last()]', ['3.2']],
  ['//update[last() - 1]/version', ['10.6']],
  ['//bundle[position() < 3]/@id', ['Editor/x64', 'Editor/x86']],
  ['//bundle[count(update) = 2]/@id', ['Editor/x64']],
  ['//version[. > 10 and . <= 11]', ['10.6', '11.0']],
  ['//bundle[2]/preceding-sibling::bundle/@id', ['Editor/x64']],
  ['//bundle[1]/following-sibling::bundle[1]/@id', ['Editor/x86']],
  ['//id/following::version', ['3.2']],
  ['//deep/ancestor::bundle/id', ['Tools']],
  ['//deep/preceding::version[1]', ['9.5 beta']],
  ['/descendant::version[3]', ['9.5 beta']],
  ["//version[normalize-space(concat(' ', ., ' ')) = '9.5 beta']", ['9.5 beta']],
  ["//version[substring-before(., '.') = '10']", ['10.6']],
  ["//version[translate(., '.', '-') = '11-0']", ['11.0']],
  ["//*[local-name() = 'note']", ['3.1']],
  ["//*[name() = 's:note']", ['3.1']],
  ['//version[string-length(.) > 4]', ['9.5 beta']],
  ['//bundle[not(@id)]/child::id/self::node()', ['Tools']],
  ['//version[number(.) mod 2 = 1]', ['11.0']],
];

for (const [expression, expected] of TABLE) {
  test(`${expression} finds ${expected.length}`, () => assert.deepEqual(select(expression), expected));
}

const xmllint = spawnSync('xmllint', ['--version']).error === undefined;
test('xmllint finds as many', { skip: xmllint ? false : 'xmllint is absent' }, () => {
  for (const [expression, expected] of TABLE) {
    const count = execFileSync('xmllint', ['--xpath', `count(${expression})`, '-'], { input: DOCUMENT });
    assert.equal(Number(String(count).trim()), expected.length, expression);
    if (expected.length === 0) continue;
    const first = execFileSync('xmllint', ['--xpath', `string(${expression})`, '-'], { input: DOCUMENT });
    assert.equal(String(first).replace(/\n$/, ''), expected[0], expression);
  }
});

test('a name without prefix fits in every namespace, one with a prefix in its own', () => {
  assert.deepEqual(select('//bundle[3]/update/note'), ['3.1']);
  assert.deepEqual(select('//s:note'), ['3.1']);
  assert.deepEqual(select('//update[@os]/version'), ['9.5 beta']);
  assert.deepEqual(select('//t:note'), []);
});

test('a last step that finds no element may mean an attribute', () => {
  const lenient = (expression: string) =>
    compileXPath(expression)
      .findLenient(root)
      .map(({ text }) => text);
  assert.deepEqual(lenient('//version/kind'), ['full']);
  assert.deepEqual(lenient('//bundle/id'), ['Tools'], 'elements first');
  assert.deepEqual(lenient('//version/none'), []);
  assert.deepEqual(select('//version/kind'), []);
});

const FAULTS: readonly (readonly [string, RegExp])[] = [
  ['', /a name/],
  ['/', /a name/],
  ['//', /a name/],
  ['//a[', /a name/],
  ['//a[1', /"\]"/],
  ['//a[]', /a name/],
  ["//a[@b='c]", /a name/],
  ['//a[contains(b)]', /2 to 2 terms of contains/],
  ['//a b', /or the end/],
  ['/[1]/guid', /a name/],
  ['//a/@', /a name/],
  ['//a:', /a name after the prefix/],
  ['namespace::a', /an axis of child, attribute/],
  ['//a |', /a name/],
  ['//a[$b]', /a name/],
  ['document("file:///etc/passwd")', /a function of last, position/],
  [`//a${'[1]'.repeat(60)}`, /at most 50 predicates/],
  ['/a'.repeat(60), /at most 50 steps/],
  [`//a[${'('.repeat(30)}`, /nested at most 20 deep/],
  [`//a${'[a'.repeat(30)}`, /nested at most 20 deep/],
  ['a'.repeat(1001), /at most 1000 characters/],
];

for (const [expression, expected] of FAULTS) {
  test(`refused with its place: ${expression.slice(0, 40) || 'nothing'}`, () => {
    assert.throws(
      () => compileXPath(expression),
      (error) => {
        assert.ok(error instanceof PermanentError);
        assert.equal(error.code, 'definition.invalid');
        assert.match(error.message, /an XPath cannot be read/);
        assert.match(error.where ?? '', /at character \d+$/);
        assert.match(error.expected ?? '', expected);
        return true;
      },
    );
  });
}

test('an expression may be a value that stands nowhere', () => {
  assert.deepEqual(select("concat(//id, ' ', count(//version))"), ['Tools 4']);
  assert.deepEqual(select('count(//bundle) - 1'), ['2']);
  assert.deepEqual(select('-(1 + 2) * 3'), ['-9']);
});

test('a path that would touch everything many times is given up', () => {
  const wide = parseXml(`<a>${'<b><c/></b>'.repeat(3000)}</a>`);
  assert.throws(
    () => compileXPath('//*[//c][//b][//*]').select(wide),
    (error) => error instanceof PermanentError && error.code === 'feed.malformed',
  );
  const long = parseXml(`${'<a>'.repeat(60)}${'x'.repeat(2_000_000)}${'</a>'.repeat(60)}`);
  assert.throws(
    () => compileXPath("//*[contains(., 'y')]").select(long),
    (error) => error instanceof PermanentError && error.code === 'feed.malformed',
  );
});
