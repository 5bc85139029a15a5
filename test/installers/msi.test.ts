import assert from 'node:assert/strict';
import { test } from 'node:test';
import { templateArchitecture } from '../../src/installers/msi/architecture.js';
import { registryText, resolveFormatted } from '../../src/installers/msi/formatted.js';

test('the platform of a template', () => {
  const table = {
    'x64;1033': 'x64',
    'AMD64;0': 'x64',
    'Intel;1033,1031': 'x86',
    ';1033': 'x86',
    'Arm64;1033': 'arm64',
    'Intel64;1033': null,
    'Arm;1033': null,
  } as const;
  for (const [template, architecture] of Object.entries(table)) {
    assert.equal(templateArchitecture(template), architecture, template);
  }
  assert.equal(templateArchitecture(null), 'x86');
});

test('formatted text: properties are put in, what only the installation knows proves nothing', () => {
  const properties = new Map([
    ['ProductName', 'Tool'],
    ['ProductVersion', '1.2'],
  ]);
  assert.equal(resolveFormatted('[ProductName] [ProductVersion]!', properties), 'Tool 1.2!');
  assert.equal(resolveFormatted('[\\[]x[\\]]', properties), null);
  assert.equal(resolveFormatted('[\\[]x', properties), '[x');
  for (const text of ['[INSTALLDIR]bin', '[#file]', '[%PATH]', '[[ProductName]]', '[open']) {
    assert.equal(resolveFormatted(text, properties), null, text);
  }
});

test('the types of a registry value', () => {
  assert.deepEqual(registryText('#1'), { kind: 'number', text: '1' });
  assert.deepEqual(registryText('##1'), { kind: 'text', text: '#1' });
  assert.equal(registryText('#%%PATH%').kind, 'other');
  assert.equal(registryText('a[~]b').kind, 'other');
  assert.deepEqual(registryText('4.5'), { kind: 'text', text: '4.5' });
});
