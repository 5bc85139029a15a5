import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PermanentError } from '../../src/core/errors.js';
import { compileJsonPath } from '../../src/text/json-path/index.js';

const DOCUMENT = {
  current: { stable: 'b2' },
  releases: [
    { hash: 'a1', version: '3.0', channel: 'beta', stable: false, archname: 'MSWin32-x64' },
    { hash: 'b2', version: '2.0', channel: 'stable', stable: true, archname: 'MSWin32-x86' },
    { hash: 'c3', version: '1.0', channel: 'stable', stable: true, archname: 'mswin32-x64', lts: 'Iron' },
  ],
  versions: { '0.14.11': { size: 1 }, '0.15.0-rc2': { size: 2 } },
  'gnome-control-center': ['3.15', '3.16'],
  '#cdata': { text: 'yes' },
  counts: [1, 2, 2],
};

function select(path: string, document: unknown = DOCUMENT): readonly unknown[] {
  return compileJsonPath(path).select(document);
}

const CASES: readonly (readonly [string, readonly unknown[]])[] = [
  ['$.current.stable', ['b2']],
  ['current.stable', ['b2']],
  ["$['current']['stable']", ['b2']],
  ['$["#cdata"].text', ['yes']],
  ['$.#cdata.text', ['yes']],
  ['$.releases[0].version', ['3.0']],
  ['$.releases[-1].version', ['1.0']],
  ['$.releases.[0].version', ['3.0']],
  ['$.releases.1.version', ['2.0']],
  ['$.releases[7].version', []],
  ['$.releases[-7].version', []],
  ['$.releases[*].version', ['3.0', '2.0', '1.0']],
  ['$.gnome-control-center[*]', ['3.15', '3.16']],
  ['$.versions.*.size', [1, 2]],
  ['$.versions.*~', ['0.14.11', '0.15.0-rc2']],
  ["$.versions['0.14.11']~", ['0.14.11']],
  ['$..version', ['3.0', '2.0', '1.0']],
  ['$..[0]', [DOCUMENT.releases[0], '3.15', 1]],
  ['$.releases[?(@.stable)].version', ['2.0', '1.0']],
  ['$.releases[?(!@.stable)].version', ['3.0']],
  ['$.releases[?(@.lts)].version', ['1.0']],
  ["$.releases[?(@.channel=='stable' && @.archname=~/x64/)].version", ['1.0']],
  ["$.releases[?(@.channel == 'stable' && @.archname =~ /X64/i)].version", ['1.0']],
  ['$.releases[?(@.channel != "stable")].version', ['3.0']],
  ['$.releases[?(@.hash==$.current.stable)].version', ['2.0']],
  ["$.releases[?(@.channel=='beta' || (@.stable == true && !(@.hash=='b2')))].version", ['3.0', '1.0']],
  ['$.releases[?(@.nothing == null)].version', []],
  ['$.counts[?(@ == 2)]', [2, 2]],
  ['$.releases[?(@.version=~/^2\\.0$/)].hash', ['b2']],
  ['$.releases[?(@.stable)][0].version', ['2.0']],
  ['$.releases[?(@.stable)][-1].version', ['1.0']],
  ['$.releases[?(@.stable)][2].version', []],
  ['$.versions.*~[1]', ['0.15.0-rc2']],
  ['$[?(@[2]==2)][0]', [1]],
  ['$', [DOCUMENT]],
];

for (const [path, expected] of CASES) {
  test(path, () => assert.deepEqual(select(path), expected));
}

test('what objects inherit is not reached', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'length']) {
    assert.deepEqual(select(`$.${name}`), []);
    assert.deepEqual(select(`$.counts['${name}']`), []);
  }
  assert.deepEqual(select('$.__proto__', JSON.parse('{"__proto__": 1}')), [1]);
});

test('a bad path is a fault of the definition that names the place', () => {
  for (const path of [
    '',
    '$.',
    '$[',
    '$[1',
    "$['a",
    '$[?(@.a',
    '$[?(@.a==)]',
    '$.a b',
    '$[x]',
    '$..',
    '$[?(@.a=~/(/)]',
    '$[?()]',
    `$${'.a'.repeat(60)}`,
    `$[?${'('.repeat(50)}@`,
    '$.'.repeat(600),
  ]) {
    assert.throws(
      () => compileJsonPath(path),
      (error) => error instanceof PermanentError && error.code === 'definition.invalid',
      path,
    );
  }
  assert.throws(() => compileJsonPath('$.a[?(@.b = 1)]'), /cannot be read/);
});

test('nothing in a path is run as code', () => {
  for (const path of ['$[?(process.exit(1))]', '$[(@.length-1)]', '$[?(@.constructor("x")())]'])
    assert.throws(() => compileJsonPath(path), PermanentError);
});

test('a document that is nested a million deep does not overflow the stack', () => {
  const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
  assert.equal(select('$..version', deep).length, 0);
});

test('work beyond the limit is refused', () => {
  const wide = Array.from({ length: 2000 }, () => ({ a: 1 }));
  assert.throws(
    () => select('$[?(@.a==$..b)]', wide),
    (error) => error instanceof PermanentError && error.code === 'feed.malformed',
  );
});

test('any text is read or refused, and any document is walked', () => {
  const pieces = fc.constantFrom(
    '$',
    '.',
    '..',
    '[',
    ']',
    '*',
    '~',
    '?',
    '(',
    ')',
    '@',
    'a',
    "'",
    '=',
    '==',
    '!',
    '&&',
    '/',
    '0',
    '-1',
    ' ',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), fc.jsonValue(), (parts, document) => {
      try {
        assert.ok(Array.isArray(compileJsonPath(parts.join('')).select(document)));
      } catch (error) {
        assert.ok(error instanceof PermanentError);
      }
    }),
    { numRuns: 2000 },
  );
});

test('slices, several selectors and comparisons', () => {
  const document = { list: [{ n: 1 }, { n: 2 }, { n: 3, s: 'b' }], a: 'x', b: 'y' };
  const table: readonly (readonly [string, readonly unknown[]])[] = [
    ['$.list[1:].n', [2, 3]],
    ['$.list[:-1].n', [1, 2]],
    ['$.list[::-1].n', [3, 2, 1]],
    ['$.list[0,-1].n', [1, 3]],
    ["$['b','a','none']", ['y', 'x']],
    ['$.list[?(@.n >= 2 && @.n < 3)].n', [2]],
    ["$.list[?(@.s > 'a')].n", [3]],
    ["$.list[?(@.n > '0')].n", []],
  ];
  for (const [path, expected] of table)
    assert.deepEqual(compileJsonPath(path).select(document), expected, path);
});

test('a value is found with all that it stands in', () => {
  const [node] = compileJsonPath('$.a[0].b').find({ a: [{ b: 1 }] });
  assert.deepEqual([node?.key, node?.parent?.key, node?.parent?.parent?.key], ['b', 0, 'a']);
});
