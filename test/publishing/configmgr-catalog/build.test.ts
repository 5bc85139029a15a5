import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { CabinetMember } from '../../../src/core/ports.js';
import { readCabinet, writeCabinet } from '../../../src/formats/cab/index.js';
import { withFileSource } from '../../../src/formats/file-source.js';
import { readCatalogFile } from '../../../src/lab/software-update-point/subscription/catalog-file.js';
import { buildCatalog } from '../../../src/publishing/configmgr-catalog/build.js';
import { categoriesOf } from '../../../src/publishing/configmgr-catalog/categories.js';
import type { CatalogEntry } from '../../../src/publishing/configmgr-catalog/entry.js';
import { parseXml } from '../../../src/text/xml/index.js';
import { mustRun, temporaryFolder } from '../../formats/programs.js';
import {
  CERTIFICATE,
  creationDateOf,
  formalAttestor,
  installerOf,
  packageIdOf,
  revisionOf,
  sdpOf,
  THUMBPRINT,
  updateOf,
} from '../samples.js';

const OPTIONS = { siteId: 'lab', catalog: { name: 'patchpress' } };

function entryOf(n: number, changes: Partial<CatalogEntry> = {}): CatalogEntry {
  const update = updateOf(n);
  const sdp = Buffer.from(sdpOf(update, installerOf(update, n), creationDateOf(n)), 'utf8');
  const revision = { ...revisionOf(update, n, 'aa', formalAttestor), creationDate: creationDateOf(n) };
  if (revision.attestation === null) throw new Error('attested');
  return {
    update,
    revision,
    attestation: revision.attestation,
    sdp,
    document: parseXml(sdp, { where: update.packageId, maxBytes: 1 << 20 }),
    contentCertificate: { thumbprint: THUMBPRINT, der: CERTIFICATE },
    vendor: 'Contoso',
    ...changes,
  };
}

const textOf = (members: readonly CabinetMember[], name: string): string => {
  const member = members.find((one) => one.name === name);
  assert.ok(member !== undefined && 'bytes' in member.content, name);
  return Buffer.from(member.content.bytes).toString('utf8');
};

describe('the v3 catalog', () => {
  test('has the members of every generation, in the order of real ones', () => {
    const members = buildCatalog([entryOf(2), entryOf(1)], OPTIONS);
    const categories = categoriesOf('lab', [entryOf(1), entryOf(2)]);
    assert.deepEqual(
      members.map(({ name }) => name),
      [
        'patchpress.xml',
        `ContentCertificates\\${THUMBPRINT}.cer`,
        `V2\\${packageIdOf(1)}.sdp`,
        `V2\\${packageIdOf(2)}.sdp`,
        'V2\\update_manifest.json',
        ...categories.map(({ Id }) => `V3\\${Id}.json`),
        'V3\\update_categories.json',
      ],
    );
    assert.equal(
      textOf(members, 'V2\\update_manifest.json'),
      `{"${packageIdOf(1)}":"2026-11-24T09:00:00Z","${packageIdOf(2)}":"2026-11-24T09:01:00Z"}`,
    );
    assert.equal(textOf(members, `V2\\${packageIdOf(1)}.sdp`), entryOf(1).sdp.toString('utf8'));
  });

  test('the root XML has each package under the name of the catalog, without a namespace said twice', () => {
    const root = textOf(buildCatalog([entryOf(1), entryOf(2)], OPTIONS), 'patchpress.xml');
    assert.match(root, /^<\?xml version="1.0" encoding="utf-8"\?>\n<smc:SystemsManagementCatalog /);
    assert.equal(root.match(/<smc:SoftwareDistributionPackage SchemaVersion="1.2">/g)?.length, 2);
    for (const name of ['smc', 'sdp', 'bar', 'cmd']) {
      assert.equal(root.match(new RegExp(`xmlns:${name}=`, 'g'))?.length, 1, name);
    }
  });

  test('categories are vendor and product, by id, with every update in both', () => {
    const entries = [
      { update: updateOf(1), vendor: 'Contoso' },
      { update: updateOf(2), vendor: 'Contoso' },
      { update: updateOf(3), vendor: 'Fabrikam & Söhne' },
    ];
    const categories = categoriesOf('lab', entries);
    const top = categories.filter(({ ParentId }) => ParentId === '');
    assert.deepEqual(top.map(({ DisplayName }) => DisplayName).sort(), ['Contoso', 'Fabrikam & Söhne']);
    const contoso = top.find(({ DisplayName }) => DisplayName === 'Contoso');
    assert.deepEqual(contoso?.Members, [packageIdOf(1), packageIdOf(2)]);
    const children = categories.filter(({ ParentId }) => ParentId === contoso?.Id);
    assert.deepEqual(children.map(({ DisplayName }) => DisplayName).sort(), ['Product 1', 'Product 2']);
    assert.deepEqual(
      categories.map(({ Id }) => Id),
      categories.map(({ Id }) => Id).sort(),
    );
    assert.deepEqual(categoriesOf('lab', entries.toReversed()), categories);
  });

  test('the certificate of each signer is there once', () => {
    const other = { thumbprint: 'B'.repeat(40), der: Buffer.from('other') };
    const members = buildCatalog(
      [entryOf(1), entryOf(2), entryOf(3, { contentCertificate: other })],
      OPTIONS,
    );
    assert.equal(members.filter(({ name }) => name.startsWith('ContentCertificates\\')).length, 2);
  });

  test('the same updates give the same bytes, in whatever order they come', (t) => {
    const folder = temporaryFolder(t);
    const write = (entries: readonly CatalogEntry[], name: string): Buffer => {
      const path = join(folder, name);
      writeCabinet(buildCatalog(entries, OPTIONS), path, { signatureReserve: true });
      return readFileSync(path);
    };
    const first = write([entryOf(1), entryOf(2), entryOf(3)], 'a.cab');
    assert.ok(first.equals(write([entryOf(3), entryOf(1), entryOf(2)], 'b.cab')));
    assert.ok(!first.equals(write([entryOf(1), entryOf(2)], 'c.cab')));
  });

  test('the lab site and other programs read it', (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'patchpress.cab');
    writeCabinet(buildCatalog([entryOf(1), entryOf(2)], OPTIONS), path, { signatureReserve: true });
    const read = readCatalogFile(path);
    assert.deepEqual(
      read.packages.map(({ packageId, sdp }) => [packageId, sdp]),
      [1, 2].map((n) => [packageIdOf(n), entryOf(n).sdp.toString('utf8')]),
    );
    assert.deepEqual(read.contentCertificates, [THUMBPRINT]);
    assert.equal(read.categories.length, 3);
    const names = withFileSource(path, (source) => readCabinet(source).members.map(({ name }) => name));
    const listing = mustRun(t, 'cabextract', ['-l', path], folder);
    for (const name of names) assert.ok(listing?.output.includes(name.replaceAll('\\', '/')), name);
    mustRun(t, 'cabextract', ['-t', path], folder);
    mustRun(t, 'gcab', ['-t', path], folder);
    mustRun(t, '7z', ['t', path], folder);
  });
});
