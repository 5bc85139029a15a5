import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../../src/core/decide.js';
import { directModeOf, type RouteFacts, selectRoute } from '../../src/core/route.js';

const SIGNED_EXE: RouteFacts = { signature: 'valid', technology: 'nullsoft', arguments: '/S', files: 1 };

const TABLE: readonly (readonly [string, Partial<RouteFacts>, 'catalog' | 'direct', RegExp])[] = [
  ['a signed installer of one file', {}, 'catalog', /vendor signed it/],
  ['no signature', { signature: 'unsigned' }, 'direct', /does not sign it/],
  ['a signature that does not verify', { signature: 'invalid' }, 'direct', /does not verify/],
  ['two files', { files: 2 }, 'direct', /2 files/],
  ['no file', { files: 0 }, 'direct', /0 files/],
  ['an MSI without a command line', { technology: 'msi', arguments: '' }, 'catalog', /one file/],
  [
    'an MSI with properties',
    { technology: 'msi', arguments: 'ALLUSERS=1 INSTALLDIR="C:\\Program Files\\A"' },
    'catalog',
    /one file/,
  ],
  ['an MSI with a switch', { technology: 'msi', arguments: '/qn ALLUSERS=1' }, 'direct', /NAME=VALUE/],
  ['an MSI with a transform', { technology: 'msi', arguments: 'TRANSFORMS' }, 'direct', /NAME=VALUE/],
  [
    'an Inno installer with switches',
    { technology: 'inno', arguments: '/VERYSILENT' },
    'catalog',
    /one file/,
  ],
  [
    'no signature and two files: the signature is told',
    { signature: 'unsigned', files: 2 },
    'direct',
    /sign/,
  ],
];

for (const [name, changes, route, reason] of TABLE) {
  test(`${name}: ${route}`, () => {
    const choice = selectRoute({ ...SIGNED_EXE, ...changes });
    assert.equal(choice.route, route);
    assert.match(choice.reason, reason);
  });
}

test('the first entry that names a product tells its mode, then the policy, then `payload`', () => {
  const policy = (direct?: Policy['direct']): Policy => ({
    rules: [],
    signers: [],
    ...(direct === undefined ? {} : { direct }),
  });
  const products = [
    { product: '7zip.7zip', mode: 'payload' },
    { product: '7zip.*', mode: 'signed-cab' },
  ] as const;
  const modes = [
    directModeOf('7zip.7zip', policy()),
    directModeOf('7zip.7zip', policy({ mode: 'signed-cab' })),
    directModeOf('7zip.7zip', policy({ mode: 'signed-cab', products })),
    directModeOf('7zip.Next', policy({ products })),
    directModeOf('Other.Other', policy({ products })),
  ];
  assert.deepEqual(modes, ['payload', 'signed-cab', 'payload', 'signed-cab', 'payload']);
});
