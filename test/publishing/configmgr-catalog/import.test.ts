import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createContentStore } from '../../../src/content/store.js';
import { bufferSource } from '../../../src/core/bytes.js';
import type { ImportedPackage, PackageEdits } from '../../../src/core/imported.js';
import type { Ledger } from '../../../src/core/ports.js';
import { openLedger } from '../../../src/ledger/ledger.js';
import { planCatalog } from '../../../src/publishing/configmgr-catalog/build.js';
import {
  editedDocument,
  importCatalog,
  itemsOfImported,
  planImport,
  readForeignCatalog,
  readForeignDocuments,
} from '../../../src/publishing/configmgr-catalog/import/index.js';
import { verifyCatalog } from '../../../src/publishing/configmgr-catalog/verify/index.js';
import { writeCatalog } from '../../../src/publishing/configmgr-catalog/write-catalog.js';
import { readSdp, validateDocument } from '../../../src/sus/sdp/index.js';
import { parseXml, withoutLayout, type XmlElement } from '../../../src/text/xml/index.js';
import { temporaryFolder } from '../../formats/programs.js';
import { PACKAGES, soundMembers, writeCatalogFile } from './seeded-faults.js';

const SAMPLES = '../shared/samples';
const skip = existsSync(SAMPLES) ? false : 'the samples in ../shared are absent';
const NOW = new Date('2026-11-28T00:00:00Z');

/** What a document says: names by namespace, without prefixes, declarations and layout. */
function meaning(from: XmlElement): unknown {
  const { namespace, localName, attributes, children } = from;
  return {
    name: `${namespace} ${localName}`,
    attributes: attributes.map((one) => [one.namespace, one.localName, one.value]),
    children: children.map((child) => (typeof child === 'string' ? child : meaning(child))),
  };
}
const meaningOf = (bytes: Uint8Array) => meaning(withoutLayout(parseXml(bytes, { where: 'test' })));

describe('reading a foreign catalog', () => {
  test('documents of a v3 cabinet come byte for byte, with the certificates', (t) => {
    const members = soundMembers();
    const bytes = writeCatalogFile(members, join(temporaryFolder(t), 'other.cab'));
    const catalog = readForeignCatalog(bufferSource(bytes));
    assert.deepEqual(catalog.setAside, []);
    assert.equal(catalog.documents.length, PACKAGES);
    for (const { packageId, bytes: document } of catalog.documents) {
      assert.equal(String(document), String(members.get(`V2\\${packageId}.sdp`)));
    }
    assert.deepEqual(
      catalog.certificates.map(({ thumbprint }) => `ContentCertificates\\${thumbprint}.cer`),
      [...members.keys()].filter((name) => name.startsWith('ContentCertificates')),
    );
  });

  test('of a v1 cabinet and of its XML alone the same packages come as documents', (t) => {
    const members = soundMembers();
    const [root] = [...members].find(([name]) => /^[^\\]+\.xml$/.test(name)) ?? assert.fail();
    const old: typeof members = new Map([[root, members.get(root) ?? '']]);
    const cabinet = writeCatalogFile(old, join(temporaryFolder(t), 'old.cab'));
    for (const source of [cabinet, Buffer.from(String(members.get(root)))]) {
      const { documents, setAside } = readForeignCatalog(bufferSource(source));
      assert.deepEqual([documents.length, setAside], [PACKAGES, []]);
      for (const { packageId, bytes } of documents) {
        assert.deepEqual(meaningOf(bytes), meaningOf(Buffer.from(members.get(`V2\\${packageId}.sdp`) ?? '')));
      }
    }
  });

  test('what cannot be understood is set aside by name, and the rest is taken', (t) => {
    const members = soundMembers();
    const [first, second, third] = [...members.keys()].filter(
      (name) => name.startsWith('V2\\') && name.endsWith('.sdp'),
    );
    assert.ok(first && second && third);
    const entity = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>';
    members.set(first, '<broken');
    members.set(second, entity);
    members.set('V2\\twice.sdp', members.get(third) ?? '');
    const root = [...members.keys()].find((name) => /^[^\\]+\.xml$/.test(name)) ?? '';
    members.delete(root);
    const { documents, setAside } = readForeignCatalog(
      bufferSource(writeCatalogFile(members, join(temporaryFolder(t), 'other.cab'))),
    );
    assert.equal(documents.length, PACKAGES - 2);
    assert.deepEqual(setAside.map(({ where }) => where).sort(), [first, second, 'V2\\twice.sdp'].sort());
  });

  for (const [what, text] of [
    ['another root', '<a/>'],
    ['no package', '<SystemsManagementCatalog/>'],
    ['no XML', 'hello'],
    ['nothing', ''],
  ] as const) {
    test(`a file with ${what} is no catalog`, () => {
      assert.throws(() => readForeignCatalog(bufferSource(Buffer.from(text))), { code: 'payload.invalid' });
    });
  }

  test('of a cut XML the packages before the cut are taken, and it is not whole', () => {
    const xml = String([...soundMembers()].find(([name]) => /^[^\\]+\.xml$/.test(name))?.[1]);
    const cut = xml.slice(0, xml.lastIndexOf('</'));
    const { documents, isWhole } = readForeignCatalog(bufferSource(Buffer.from(cut)));
    assert.deepEqual([documents.length, isWhole], [PACKAGES, false]);
    assert.equal(readForeignCatalog(bufferSource(Buffer.from(xml))).isWhole, true);
  });

  for (const [xml, folder] of [
    ['hp-2019-v2/HpCatalogForSms.trimmed.xml', 'hp-2019'],
    ['lenovo-2020-v3/LenovoUpdatesCatalog2.trimmed.xml', 'lenovo-2020'],
  ] as const) {
    test(`${xml}: every package equals its own document`, { skip }, () => {
      const { documents, setAside } = readForeignCatalog(
        bufferSource(readFileSync(`${SAMPLES}/catalogs/${xml}`)),
      );
      assert.deepEqual(setAside, []);
      assert.ok(documents.length > 10);
      for (const { packageId, bytes } of documents) {
        const own = readdirSync(`${SAMPLES}/sdp/${folder}`).find(
          (name) => name.toLowerCase() === `${packageId}.sdp`,
        );
        assert.ok(own !== undefined, packageId);
        const document = withoutLayout(
          parseXml(readFileSync(`${SAMPLES}/sdp/${folder}/${own}`), { where: own }),
        );
        // The vendors' own: HP counts its documents' schema otherwise, Lenovo's have the root of a catalog's package.
        const inside = (root: XmlElement) => (meaning(root) as { children: unknown }).children;
        assert.deepEqual(inside(withoutLayout(parseXml(bytes, { where: own }))), inside(document), packageId);
      }
    });
  }
});

describe('what an import changes', () => {
  const documents = readForeignDocuments(
    [...soundMembers()]
      .filter(([name]) => name.endsWith('.sdp'))
      .map(([where, text]) => ({ where, bytes: Buffer.from(text) })),
  ).documents;
  const [one, two, three] = documents;
  assert.ok(one && two && three);
  const nothing = { known: new Map(), own: new Set<string>(), edits: new Map() };
  const known = (list: readonly ImportedPackage[]) => ({
    ...nothing,
    known: new Map(list.map((record) => [record.packageId, record])),
  });
  const whole = (list: typeof documents) => ({ documents: list, isWhole: true });
  const first = planImport('HP', whole(documents), nothing, NOW);

  test('of a catalog that was not read whole nothing is withdrawn', () => {
    const rest = { documents: documents.slice(1), isWhole: false };
    assert.deepEqual(planImport('HP', rest, known(first.added), NOW).withdrawn, []);
    const gone = planImport('HP', { ...rest, isWhole: true }, known(first.added), NOW).withdrawn;
    assert.deepEqual(
      gone.map(({ packageId }) => packageId),
      [one.packageId],
    );
  });

  test('everything is new once, and nothing the second time', () => {
    assert.deepEqual([first.added.length, first.documents.size], [PACKAGES, PACKAGES]);
    const again = planImport('HP', whole(documents), known(first.added), NOW);
    assert.deepEqual(
      [again.added, again.revised, again.withdrawn, again.unchanged, again.documents.size],
      [[], [], [], PACKAGES, 0],
    );
  });

  test('a newer date is a revision, an older one is set aside, what is gone is withdrawn and may come back', () => {
    const newer = {
      ...one,
      creationDate: '2031-01-01T00:00:00Z',
      bytes: Buffer.concat([one.bytes, Buffer.from('\n')]),
    };
    const older = {
      ...two,
      creationDate: '2001-01-01T00:00:00',
      bytes: Buffer.concat([two.bytes, Buffer.from('\n')]),
    };
    const plan = planImport('HP', whole([newer, older]), known(first.added), NOW);
    assert.deepEqual(
      plan.revised.map(({ packageId }) => packageId),
      [one.packageId],
    );
    assert.deepEqual(
      plan.setAside.map(({ where }) => where),
      [two.packageId],
    );
    assert.match(plan.setAside[0]?.reason ?? '', /older than what is known/);
    assert.equal(plan.withdrawn.length, PACKAGES - 2);
    assert.ok(plan.withdrawn.every(({ state }) => state === 'withdrawn'));
    const back = planImport('HP', whole(documents), known(plan.withdrawn), NOW);
    assert.equal(back.revised.filter(({ packageId }) => packageId === three.packageId).length, 1);
  });

  test('a PackageID belongs to one catalog, and ours to us', () => {
    const other = planImport('Dell', whole(documents), known(first.added), NOW);
    assert.deepEqual([other.added.length, other.setAside.length, other.withdrawn.length], [0, PACKAGES, 0]);
    const ours = planImport('HP', whole([one]), { ...nothing, own: new Set([one.packageId]) }, NOW);
    assert.match(ours.setAside[0]?.reason ?? '', /belongs to our own updates/);
  });

  test('an edit that the vendor has caught up with is told', () => {
    const edits = new Map([
      [one.packageId, { packageId: one.packageId, editedAt: '2026-01-01T00:00:00Z', title: one.title }],
    ]);
    assert.deepEqual(planImport('HP', whole(documents), { ...nothing, edits }, NOW).moot, [
      { packageId: one.packageId, name: 'title' },
    ]);
  });
});

describe('edits', () => {
  const editsOf = (packageId: string, more: Partial<PackageEdits>): PackageEdits => ({
    packageId,
    editedAt: '2026-11-28T10:00:00.000Z',
    ...more,
  });
  const SUPERSEDED = '11111111-1111-4111-8111-111111111111';
  const ALL = {
    title: 'Ours & <theirs>',
    severity: 'Low',
    vendor: 'V',
    product: 'P',
    supersedes: [SUPERSEDED],
  };

  test('are what the document says afterwards; all else stays', () => {
    const [, text] = [...soundMembers()].find(([name]) => name.endsWith('.sdp')) ?? assert.fail();
    const before = readSdp(Buffer.from(text), 'before');
    const edits = editsOf(before.properties.packageId, { ...ALL, description: 'd', classification: 'Tools' });
    const { bytes, creationDate } = editedDocument(Buffer.from(text), 'one', edits);
    const edited = readSdp(bytes, 'after');
    assert.deepEqual(edited, {
      ...before,
      properties: { ...before.properties, creationDate, vendorName: 'V', productNames: ['P'] },
      localizedProperties: before.localizedProperties.map((entry) => ({
        ...entry,
        title: ALL.title,
        description: 'd',
      })),
      updateSpecificData: { ...before.updateSpecificData, classification: 'Tools', msrcSeverity: 'Low' },
      supersededPackages: [...before.supersededPackages, SUPERSEDED],
    });
    assert.ok(creationDate > before.properties.creationDate);
    const later = editedDocument(bytes, 'one', editsOf('one', { title: 'again' }));
    assert.ok(later.creationDate > creationDate, 'newer than the vendor, also where the edit is older');
    const none = editedDocument(bytes, 'one', editsOf('one', { severity: 'None' }));
    assert.equal(readSdp(none.bytes, 'none').updateSpecificData.msrcSeverity, null);
  });

  test('every sample takes them and is as valid as it was, drivers too', { skip }, () => {
    let edited = 0;
    for (const folder of ['hp-2019', 'lenovo-2020', 'dell-2019', 'synthetic']) {
      for (const name of readdirSync(`${SAMPLES}/sdp/${folder}`).filter((one) => /\.sdp$/i.test(one))) {
        const bytes = readFileSync(`${SAMPLES}/sdp/${folder}/${name}`);
        const { severity: _, ...texts } = ALL;
        const after = editedDocument(bytes, name, editsOf('x', texts));
        const schemaFaults = (document: Buffer) =>
          validateDocument(document, name).findings.filter(({ level }) => level === 'schema').length;
        assert.ok(schemaFaults(after.bytes) <= schemaFaults(bytes), name);
        assert.equal(
          readSdp(after.bytes, name).localizedProperties.some(({ title }) => title === ALL.title),
          true,
        );
        edited += 1;
      }
    }
    assert.ok(edited > 40, String(edited));
  });

  test('that break the schema are refused', () => {
    const [, text] = [...soundMembers()].find(([name]) => name.endsWith('.sdp')) ?? assert.fail();
    assert.throws(
      () => editedDocument(Buffer.from(text), 'one', editsOf('x', { classification: 'Nonsense' })),
      {
        code: 'package.invalid',
      },
    );
  });
});

describe('in the ledger', () => {
  const folder = mkdtempSync(join(tmpdir(), 'import-'));
  let ledger: Ledger;
  before(async () => {
    ledger = await openLedger({ file: join(folder, 'ledger.db') });
  });
  after(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('what is exported again is the same catalog, and with an edit a sound one', async (t) => {
    const content = createContentStore(join(folder, 'content'));
    const deps = { ledger, content, clock: { now: () => NOW } };
    const bytes = writeCatalogFile(soundMembers(), join(temporaryFolder(t), 'other.cab'));
    const catalog = readForeignCatalog(bufferSource(bytes));
    await importCatalog(deps, 'Other', catalog, 'ab');
    const rebuild = async (name: string) => {
      const items = await itemsOfImported(deps, 'Other');
      const plan = planCatalog(items, { siteId: 's', catalog: { name } }, (sha256) => content.pathOf(sha256));
      const [one] = catalog.certificates;
      assert.ok(one);
      const certificates = [
        {
          name: `ContentCertificates\\${one.thumbprint}.cer`,
          modified: plan.root.modified,
          content: { bytes: one.der },
        },
      ];
      const outPath = join(folder, `${name}.cab`);
      writeCatalog({ ...plan, certificates }, { outPath, partsDir: join(folder, 'parts') });
      return readFileSync(outPath);
    };
    const rulesOf = (cab: Buffer) => [
      ...new Set(
        verifyCatalog(bufferSource(cab))
          .findings.filter(({ level }) => level !== 'note')
          .map(({ rule }) => rule),
      ),
    ];
    const same = await rebuild('same');
    assert.deepEqual(rulesOf(same), ['cab.signature'], 'nothing is missing but a signature');
    const documentsIn = (cab: Buffer) =>
      new Map(
        readForeignCatalog(bufferSource(cab)).documents.map((one) => [one.packageId, String(one.bytes)]),
      );
    assert.deepEqual(documentsIn(same), documentsIn(bytes));

    const [one, two] = catalog.documents;
    assert.ok(one && two);
    await ledger.transaction(async (tx) => {
      const editedAt = NOW.toISOString();
      await tx.putPackageEdits(one.packageId, { packageId: one.packageId, editedAt, title: 'Ours' });
      await tx.putPackageEdits(two.packageId, { packageId: two.packageId, editedAt, hidden: true });
    });
    // The next import of the same catalog leaves them alone.
    await importCatalog(deps, 'Other', catalog, 'ab');
    const edited = await rebuild('edited');
    assert.deepEqual(rulesOf(edited), ['cab.signature']);
    const documents = readForeignCatalog(bufferSource(edited)).documents;
    assert.equal(documents.length, PACKAGES - 1);
    assert.equal(documents.find(({ packageId }) => packageId === one.packageId)?.title, 'Ours');
  });
});
