import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bufferSource } from '../../../src/core/bytes.js';
import { vocabularyOf } from '../../../src/core/vocabulary.js';
import { diffCatalogs } from '../../../src/publishing/configmgr-catalog/diff.js';
import { readCatalog, verifyCatalog } from '../../../src/publishing/configmgr-catalog/verify/index.js';
import { vocabularyFindings } from '../../../src/publishing/configmgr-catalog/verify/vocabulary.js';
import { temporaryFolder } from '../../formats/programs.js';
import { creationDateOf, packageIdOf } from '../samples.js';
import { checkedElsewhere, rulesIn } from './checkers.js';
import { FAULTS, type Members, PACKAGES, soundMembers, writeCatalogFile } from './seeded-faults.js';

const SAMPLES = '../shared/samples/catalogs';
/** The long form: PATCHPRESS_SEEDED_FAULTS=500. There the checker, a process each, is asked about all of them. */
const LONG = process.env['PATCHPRESS_SEEDED_FAULTS'];
const ROUNDS = Number(LONG ?? FAULTS.length);
const CHECKED_EVERY = LONG === undefined ? 10 : 1;

describe('catalog verify', () => {
  test('a sound catalog has no finding, and the independent checker says so too', (t) => {
    const path = join(temporaryFolder(t), 'sound.cab');
    const report = verifyCatalog(bufferSource(writeCatalogFile(soundMembers(), path)));
    assert.deepEqual(report.findings, []);
    assert.deepEqual(
      [report.generation, report.packages, report.documents, report.categories, report.certificates],
      ['v3', PACKAGES, PACKAGES, 2, 1],
    );
    assert.ok([null, 'sound'].includes(checkedElsewhere(path)));
  });

  test(`every one of ${ROUNDS} seeded faults is found, and at least those that the checker finds`, (t) => {
    const path = join(temporaryFolder(t), 'faulty.cab');
    let asked = 0;
    let elsewhere = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const fault = FAULTS[round % FAULTS.length];
      assert.ok(fault !== undefined);
      const n = 2 + (round % (PACKAGES - 1));
      const members = soundMembers();
      fault.seed(members, n);
      const found = rulesIn(writeCatalogFile(members, path));
      assert.ok(
        fault.rules.some((rule) => found.includes(rule)),
        `${fault.name} of update ${n}: found only ${found.join(', ') || 'nothing'}`,
      );
      if (round % CHECKED_EVERY !== 0) continue;
      asked += 1;
      if (checkedElsewhere(path) === 'faulty') elsewhere += 1;
    }
    t.diagnostic(`the independent checker found ${elsewhere} of ${asked}`);
  });

  test('bytes that changed anywhere in the blocks are found', (t) => {
    const bytes = writeCatalogFile(soundMembers(), join(temporaryFolder(t), 'changed.cab'));
    for (const part of [0.3, 0.6, 0.9]) {
      const changed = Buffer.from(bytes);
      const at = Math.floor(changed.length * part);
      changed.writeUInt8((changed[at] ?? 0) ^ 0x10, at);
      assert.notDeepEqual(rulesIn(changed), [], `byte ${at}`);
    }
  });

  test('the root XML of real vendors is read by itself; what they do otherwise are warnings', (t) => {
    if (!existsSync(SAMPLES)) return t.skip('../shared is absent');
    for (const [file, packages, errors] of [
      ['hp-2019-v2/HpCatalogForSms.trimmed.xml', 16, ['certificate.none', 'sdp.reserved-name']],
      ['lenovo-2020-v3/LenovoUpdatesCatalog2.trimmed.xml', 21, ['certificate.none']],
    ] as const) {
      const report = verifyCatalog(bufferSource(readFileSync(`${SAMPLES}/${file}`)));
      const rules = report.findings.filter(({ level }) => level === 'error').map(({ rule }) => rule);
      assert.deepEqual([report.generation, report.packages], ['v1', packages]);
      assert.deepEqual([...new Set(rules)].sort(), errors);
    }
  });

  test('a vendor name too many is worth a note, not more', () => {
    const packages = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ vendor: `Vendor ${index}`, products: ['Updates'] }));
    assert.deepEqual(vocabularyOf([...packages(3), ...packages(2)]), { vendors: 3, products: 3 });
    assert.deepEqual(vocabularyFindings(vocabularyOf(packages(10))), []);
    const [found] = vocabularyFindings(vocabularyOf(packages(11)));
    assert.deepEqual([found?.level, found?.found], ['note', '11']);
  });
});

describe('catalog diff', () => {
  const contentsOf = (members: Members, folder: string) =>
    readCatalog(bufferSource(writeCatalogFile(members, join(folder, 'one.cab'))));

  test('says what was added, removed, expired and revised, and in what', (t) => {
    const folder = temporaryFolder(t);
    const after = soundMembers();
    const root = String(after.get('test.xml'));
    const packages = [
      ...root.matchAll(/<smc:SoftwareDistributionPackage [\s\S]*?<\/smc:SoftwareDistributionPackage>\n/g),
    ].map(String);
    const [one = '', two = '', three = '', four = ''] = packages;
    const edited = root
      .replace(one, '')
      .replace(two, () => two.replace('Fixes', 'Mends').replace('1.2.3.4', '1.2.3.5'))
      .replace(three, () =>
        three
          .replace(/PackageID/, 'PublicationState="Expired" PackageID')
          .replace(' PublicationState="Published"', ''),
      )
      .replace(four, () => four.replace(creationDateOf(1), creationDateOf(2)));
    after.set('test.xml', edited);
    const difference = diffCatalogs(contentsOf(soundMembers(), folder), contentsOf(after, folder));
    const ids = (list: readonly { readonly packageId: string }[]) => list.map(({ packageId }) => packageId);
    assert.deepEqual(ids(difference.removed), [packageIdOf(1)]);
    assert.deepEqual(ids(difference.added), []);
    assert.deepEqual(ids(difference.expired), [packageIdOf(3)]);
    assert.deepEqual(
      difference.revised.map(({ packageId, changed }) => [packageId, changed]),
      [
        [packageIdOf(2), ['texts', 'rules']],
        [packageIdOf(4), []],
      ],
    );
    const back = diffCatalogs(contentsOf(after, folder), contentsOf(soundMembers(), folder));
    assert.deepEqual(ids(back.added), [packageIdOf(1)]);
  });
});
