import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import { readInnoSetup, readSetup0 } from '../../../src/formats/inno/index.js';
import { readPeHeaders } from '../../../src/formats/pe/index.js';
import { fixtures } from '../../lab/fixtures.js';
import { pseudoRandom } from '../programs.js';
import { craft, SAMPLES, sample } from './samples.js';

const read = (bytes: Buffer) => readSetup0(bufferSource(bytes), 0);

/** AppName to SetupMutex and beyond; what is not named is empty. */
function textsOf(count: number, named: Readonly<Record<number, string>>): readonly string[] {
  return Array.from({ length: count }, (_, index) => named[index] ?? '');
}
const NAMES = { 0: 'Tool', 1: 'Tool 2', 2: 'tool', 4: 'Vendor', 9: '2.0', 24: 'yes', 25: 'yes' };

describe('headers that compilers made', () => {
  test('of each form', () => {
    const seen = Object.fromEntries(
      SAMPLES.map((name) => {
        const { formatVersion, texts, numbers } = read(sample(name));
        return [
          name,
          [
            formatVersion,
            texts?.appId,
            texts?.appVerName,
            texts?.architecturesInstallIn64BitMode,
            numbers?.privilegesRequired,
            numbers?.install64Bit,
          ],
        ];
      }),
    );
    assert.deepEqual(seen, {
      '5.5.7-x64': ['5.5.7', 'WinMerge', 'WinMerge 2.16.58.0 x64', '', 'admin', [2]],
      '6.0.0-arm64': ['6.0.0', 'sample', '', '', 'admin', [4]],
      '6.0.0-for-one-user': ['6.0.0', '{{0F8A2B6C-1D3E-4F50-8A9B-0C1D2E3F4A5B}', '', '', 'lowest', []],
      '6.1.0-no-row': ['6.1.0', 'Sample', '', '', 'admin', []],
      '6.3.0-constant': ['6.3.0', 'Sample', 'Sample 1.2.3', 'x64compatible', 'admin', null],
      '6.3.0-expression': ['6.3.0', 'sample', '', 'win64 and not arm64', 'admin', null],
      '6.3.0-x64os': ['6.3.0', 'sample', '', 'x64os or arm64', 'power-user', null],
    });
  });

  test('all texts that count', () => {
    assert.deepEqual(read(sample('5.5.7-x64')).texts, {
      appName: 'WinMerge',
      appVerName: 'WinMerge 2.16.58.0 x64',
      appId: 'WinMerge',
      appPublisher: 'Thingamahoochie Software',
      appVersion: '2.16.58.0',
      uninstallDisplayName: '',
      createUninstallRegKey: 'yes',
      uninstallable: 'yes',
      architecturesInstallIn64BitMode: '',
    });
    assert.equal(read(sample('6.1.0-no-row')).texts?.createUninstallRegKey, 'no');
    assert.equal(read(sample('6.3.0-x64os')).texts?.appName, 'Sample F\u00fcr Alle');
  });
});

describe('headers that were crafted', () => {
  test('of 6.5, with one more count and an encryption header', () => {
    const numbers = Buffer.alloc(130);
    numbers[112] = 3;
    const texts = textsOf(34, { ...NAMES, 31: 'x64compatible' });
    const found = read(craft({ id: 'Inno Setup Setup Data (6.5.2)', texts, numbers, encryption: 0 }));
    assert.deepEqual(
      [found.formatVersion, found.texts?.appVersion, found.texts?.architecturesInstallIn64BitMode],
      ['6.5.2', '2.0', 'x64compatible'],
    );
    assert.deepEqual(found.numbers, { privilegesRequired: 'lowest', install64Bit: null });
  });

  test('of 5.5.5 without Unicode', () => {
    const numbers = Buffer.alloc(200);
    const at = 32 + 136;
    numbers[at + 2] = 2;
    numbers[at + 7] = 0b100;
    const texts = textsOf(27, { ...NAMES, 4: 'F\u00fcr' });
    const found = read(craft({ id: 'Inno Setup Setup Data (5.5.5)', texts, numbers, encoding: 'latin1' }));
    assert.equal(found.texts?.appPublisher, 'F\u00fcr');
    assert.deepEqual(found.numbers, { privilegesRequired: 'admin', install64Bit: [2] });
  });

  test('that are encrypted, too old, too new or not named as we know tell nothing', () => {
    const texts = textsOf(34, NAMES);
    const nothing = { texts: null, numbers: null };
    const encrypted = craft({ id: 'Inno Setup Setup Data (6.5.2)', texts, encryption: 2 });
    assert.deepEqual(read(encrypted), { formatVersion: '6.5.2', ...nothing });
    const old = craft({ id: 'Inno Setup Setup Data (5.4.2) (u)', texts });
    assert.deepEqual(read(old), { formatVersion: '5.4.2', ...nothing });
    assert.deepEqual(read(craft({ id: 'My own Setup Data (6.3.0)', texts })), {
      formatVersion: null,
      ...nothing,
    });
    const unknown = craft({ id: 'Inno Setup Setup Data (7.1.0)', texts });
    assert.equal(read(unknown).texts?.appName, 'Tool');
    assert.equal(read(unknown).numbers, null);
    unknown.writeUInt8(1, 64);
    assert.deepEqual(read(unknown), { formatVersion: '7.1.0', ...nothing });
  });

  test('whose numbers cannot be tell no numbers', () => {
    const id = 'Inno Setup Setup Data (6.3.0)';
    const numbers = Buffer.alloc(160, 9);
    const found = read(craft({ id, texts: textsOf(32, NAMES), numbers }));
    assert.deepEqual([found.texts?.appName, found.numbers], ['Tool', null]);
    assert.equal(read(craft({ id, texts: textsOf(32, NAMES) })).numbers, null);
    assert.equal(read(craft({ id, texts: textsOf(10, NAMES) })).texts, null);
  });
});

describe('what is damaged', () => {
  test('is refused by its checksums', () => {
    for (const at of [66, 70, 80, 3000]) {
      const bytes = Buffer.from(sample('5.5.7-x64'));
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      assert.throws(() => read(bytes), { code: 'installer.malformed' }, `${at}`);
    }
    assert.throws(() => read(sample('6.3.0-x64os').subarray(0, 5000)), { code: 'installer.malformed' });
    assert.throws(() => read(Buffer.alloc(10)), { code: 'installer.malformed' });
  });

  test('never fails otherwise, whatever is changed, cut or put in', () => {
    const { next, bytes } = pseudoRandom(11111);
    const originals = ['5.5.7-x64', '6.0.0-for-one-user'].map(sample);
    for (let round = 0; round < 600; round++) {
      const original = originals[round % 2] ?? Buffer.alloc(0);
      const changed = Buffer.from(original.subarray(0, round % 5 === 0 ? next(original.length) : undefined));
      for (let count = next(4); count >= 0 && changed.length > 0; count--) {
        changed[next(changed.length)] = next(256);
      }
      onlyMalformed(() => read(changed));
    }
    for (let round = 0; round < 200; round++) {
      // Checksums fit, what is inside is anything.
      const texts = Array.from({ length: next(40) }, () => bytes(next(30)).toString('latin1'));
      const id = `Inno Setup Setup Data (${5 + next(3)}.${next(9)}.${next(9)})${next(2) === 0 ? ' (u)' : ''}`;
      onlyMalformed(() => read(craft({ id, texts, numbers: bytes(next(200)), encryption: next(3) })));
    }
  });

  test('in a whole installer: its table, its resources, its headers', () => {
    const fixture = fixtures.shipped.find(({ productId }) => productId === 'WinMerge.WinMerge');
    assert.ok(fixture !== undefined);
    const whole = fixtures.read(fixture);
    const table = whole.indexOf('rDlPtS', 0, 'latin1');
    const { next } = pseudoRandom(44);
    for (let round = 0; round < 300; round++) {
      const changed = Buffer.from(whole);
      const at = [table + next(44), next(1024), table - next(2000)][round % 3] ?? 0;
      changed[at] = next(256);
      onlyMalformed(() => {
        const source = bufferSource(changed);
        const pe = readPeHeaders(source);
        if (pe !== null) readInnoSetup(source, pe);
      });
    }
  });
});

function onlyMalformed(body: () => unknown): void {
  try {
    body();
  } catch (error) {
    assert.ok(error instanceof PermanentError && error.code === 'installer.malformed', String(error));
  }
}
