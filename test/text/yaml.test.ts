import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from '../../src/text/yaml.js';

const READ: readonly (readonly [text: string, value: unknown])[] = [
  ['v: &v 1.10\nw: *v\n', { v: '1.10', w: '1.10' }],
  ['all: [&a {v: 2}, *a]\n', { all: [{ v: '2' }, { v: '2' }] }],
  [
    'usual: &u {arch: x64, v: 1}\nwin:\n  <<: *u\n  v: 3\n',
    { usual: { arch: 'x64', v: '1' }, win: { arch: 'x64', v: '3' } },
  ],
  ['a: &x 1\nb: &x 2\nc: *x\n', { a: '1', b: '2', c: '2' }],
  [`v: &v {n: 1}\nall:\n${'- *v\n'.repeat(500)}`, { v: { n: '1' }, all: Array(500).fill({ n: '1' }) }],
];

test('aliases and merge keys are followed', () => {
  for (const [text, value] of READ) assert.deepEqual(parseYaml(text, { scalars: 'no-numbers' }), value, text);
});

const links = (count: number, link: (at: number) => string) =>
  `a0: &a0 {k: 1}\n${Array.from({ length: count }, (_, at) => link(at + 1)).join('')}`;
const BOMBS: Readonly<Record<string, string>> = {
  'a billion laughs': links(
    30,
    (at) =>
      `a${at}: &a${at} [${Array(4)
        .fill(`*a${at - 1}`)
        .join()}]\n`,
  ),
  'merge keys': links(40, (at) => `a${at}: &a${at} {b: {<<: *a${at - 1}}, c: {<<: *a${at - 1}}}\n`),
  'a wide target': `a: &a {${Array.from({ length: 5000 }, (_, at) => `k${at}: 1`).join()}}\nall:\n${'- {<<: *a}\n'.repeat(900)}`,
  'too many': `a: &a 1\nall:\n${'- *a\n'.repeat(1001)}`,
  'a circle': 'a: &a [1, *a]\n',
  'a circle of merge keys': 'a: &a\n  b: 1\n  <<: *a\n',
  'an alias of nothing': 'a: *b\n',
};

test('bombs, circles and aliases of nothing are refused at once', () => {
  for (const scalars of ['core', 'no-numbers', 'text'] as const)
    for (const [name, text] of Object.entries(BOMBS))
      assert.throws(() => parseYaml(text, { scalars }), { code: 'payload.invalid' }, name);
});
