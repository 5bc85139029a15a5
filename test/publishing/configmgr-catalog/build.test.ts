import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bufferSource } from '../../../src/core/bytes.js';
import type { CatalogPlan } from '../../../src/core/catalog-plan.js';
import { PermanentError } from '../../../src/core/errors.js';
import { type Cabinet, readCabinet } from '../../../src/formats/cab/index.js';
import { readCatalogFile } from '../../../src/lab/software-update-point/subscription/catalog-file.js';
import {
  type CatalogItem,
  type CatalogOptions,
  planCatalog,
} from '../../../src/publishing/configmgr-catalog/build.js';
import { categoriesOf } from '../../../src/publishing/configmgr-catalog/categories.js';
import { compareCatalog } from '../../../src/publishing/configmgr-catalog/compare.js';
import { writeCatalog } from '../../../src/publishing/configmgr-catalog/write-catalog.js';
import { mustRun, temporaryFolder } from '../../formats/programs.js';
import {
  CERTIFICATE,
  creationDateOf,
  installerOf,
  packageIdOf,
  sdpOf,
  THUMBPRINT,
  updateOf,
} from '../samples.js';

const OPTIONS = { siteId: 'lab', catalog: { name: 'patchpress' } };

interface Documented extends CatalogItem {
  readonly sdp: Buffer;
}

/** PackageIDs whose first digits differ, as real ones do. */
function itemOf(
  n: number,
  { edition = 1, ...changes }: Partial<CatalogItem> & { edition?: number } = {},
): Documented {
  const update = updateOf(n, { packageId: spreadIdOf(n) });
  const sdp = Buffer.from(sdpOf(update, installerOf(update, n), creationDateOf(edition)), 'utf8');
  return {
    update,
    vendor: 'Contoso',
    contentCertificate: { thumbprint: THUMBPRINT, der: CERTIFICATE },
    ...changes,
    revision: { creationDate: creationDateOf(edition), sdpSha256: sha256(sdp) },
    sdp,
  };
}

function spreadIdOf(n: number): string {
  return `${sha256(Buffer.from(String(n))).slice(0, 8)}${packageIdOf(n).slice(8)}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A folder with documents, parts and cabinets. */
class Workplace {
  readonly partsDir: string;

  constructor(readonly folder: string) {
    this.partsDir = join(folder, 'parts');
    mkdirSync(join(folder, 'documents'), { recursive: true });
  }

  plan(items: readonly Documented[], options: CatalogOptions = OPTIONS): CatalogPlan {
    for (const { sdp, revision } of items) writeFileSync(this.pathOf(revision.sdpSha256), sdp);
    return planCatalog(items, options, (digest) => this.pathOf(digest));
  }

  pathOf(digest: string): string {
    return join(this.folder, 'documents', digest);
  }

  write(plan: CatalogPlan, { partsDir = this.partsDir, name = 'patchpress.cab' } = {}) {
    const outPath = join(this.folder, name);
    const written = writeCatalog(plan, { outPath, partsDir });
    return { ...written, outPath, bytes: readFileSync(outPath) };
  }

  fromNothing(plan: CatalogPlan): Buffer {
    const partsDir = join(this.folder, 'no-parts');
    rmSync(partsDir, { recursive: true, force: true });
    return this.write(plan, { partsDir, name: 'from-nothing.cab' }).bytes;
  }
}

const namesOf = (cabinet: Cabinet): readonly string[] => cabinet.members.map(({ name }) => name);

function textOf(cabinet: Cabinet, name: string): string {
  const member = cabinet.find(name);
  assert.ok(member !== null, name);
  return cabinet.extract(member, 1 << 20).toString('utf8');
}

const inOrder = (...items: readonly Documented[]): readonly Documented[] =>
  [...items].sort((a, b) => (a.update.packageId < b.update.packageId ? -1 : 1));

describe('the v3 catalog', () => {
  test('has the members of every generation, in the order of real ones', (t) => {
    const place = new Workplace(temporaryFolder(t));
    const items = inOrder(itemOf(1), itemOf(2, { edition: 2 }));
    const cabinet = readCabinet(bufferSource(place.write(place.plan(items.toReversed())).bytes));
    const categories = categoriesOf('lab', items);
    assert.deepEqual(namesOf(cabinet), [
      'patchpress.xml',
      `ContentCertificates\\${THUMBPRINT}.cer`,
      ...items.map(({ update }) => `V2\\${update.packageId}.sdp`),
      'V2\\update_manifest.json',
      ...categories.map(({ Id }) => `V3\\${Id}.json`),
      'V3\\update_categories.json',
    ]);
    assert.deepEqual(
      JSON.parse(textOf(cabinet, 'V2\\update_manifest.json')),
      Object.fromEntries(items.map(({ update, revision }) => [update.packageId, revision.creationDate])),
    );
    for (const { update, sdp } of items) {
      assert.equal(textOf(cabinet, `V2\\${update.packageId}.sdp`), sdp.toString('utf8'));
    }
    const times = cabinet.members.map(({ modified }) => modified);
    assert.deepEqual([...new Set(times)].sort(), ['2026-11-24T09:00:00', '2026-11-24T09:01:00']);
  });

  test('the root XML has each package under the name of the catalog, without a namespace said twice', (t) => {
    const place = new Workplace(temporaryFolder(t));
    const written = place.write(place.plan([itemOf(1), itemOf(2)]));
    const root = textOf(readCabinet(bufferSource(written.bytes)), 'patchpress.xml');
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

  test('the certificate of each signer is there once', (t) => {
    const place = new Workplace(temporaryFolder(t));
    const other = { thumbprint: 'B'.repeat(40), der: Buffer.from('other') };
    const plan = place.plan([
      itemOf(1),
      itemOf(2),
      itemOf(3, { contentCertificate: other }),
      itemOf(4, { contentCertificate: null }),
    ]);
    assert.deepEqual(
      plan.certificates.map(({ name }) => name),
      [THUMBPRINT, other.thumbprint].sort().map((name) => `ContentCertificates\\${name}.cer`),
    );
  });

  for (const [folders, most] of [
    ['many', 4],
    ['one', 1],
  ] as const) {
    test(`the lab site and other programs read it, folders: ${folders}`, (t) => {
      const place = new Workplace(temporaryFolder(t));
      const items = inOrder(...Array.from({ length: 70 }, (_, n) => itemOf(n)));
      const options = { ...OPTIONS, catalogFolders: folders };
      const { outPath, bytes } = place.write(place.plan(items, options));
      const cabinet = readCabinet(bufferSource(bytes));
      assert.ok(folders === 'one' ? cabinet.folders.length === 1 : cabinet.folders.length > most);
      const read = readCatalogFile(outPath);
      assert.deepEqual(
        read.packages.map(({ packageId, sdp }) => [packageId, sdp]),
        items.map(({ update, sdp }) => [update.packageId, sdp.toString('utf8')]),
      );
      assert.deepEqual(read.contentCertificates, [THUMBPRINT]);
      for (const [program, args] of [
        ['cabextract', ['-q', '-d', 'by-cabextract', outPath]],
        ['gcab', ['-x', '-C', 'by-gcab', outPath]],
        ['7z', ['x', '-y', '-oby-7z', outPath]],
      ] as const) {
        mkdirSync(join(place.folder, `by-${program}`));
        if (mustRun(t, program, args, place.folder) === null) continue;
        for (const { update, sdp } of items) {
          const path = join(place.folder, `by-${program}`, 'V2', `${update.packageId}.sdp`);
          assert.ok(readFileSync(path).equals(sdp), `${program}: ${update.packageId}`);
        }
      }
    });
  }

  test('more than a cabinet can count is refused before a document is read', () => {
    const items = Array.from({ length: 65_535 }, (_, n) => ({
      update: { packageId: spreadIdOf(n), productId: 'p', productName: 'P' },
      revision: { creationDate: creationDateOf(1), sdpSha256: 'a'.repeat(64) },
      vendor: 'Contoso',
      contentCertificate: null,
    }));
    assert.throws(
      () => planCatalog(items, OPTIONS, () => ''),
      (error: unknown) => error instanceof PermanentError && error.code === 'cabinet.limit',
    );
  });
});

describe('building again', () => {
  const pool = Array.from({ length: 160 }, (_, n) => [itemOf(n), itemOf(n, { edition: 2 })] as const);

  test('after any edits gives what a build from nothing gives', (t) => {
    const place = new Workplace(temporaryFolder(t));
    const edit = fc.record({
      n: fc.nat({ max: pool.length - 1 }),
      to: fc.constantFrom('out' as const, 0 as const, 1 as const),
    });
    fc.assert(
      fc.property(fc.array(fc.array(edit, { maxLength: 40 }), { minLength: 2, maxLength: 5 }), (edits) => {
        const standing = new Map(pool.slice(0, 60).map(([first], n) => [n, first]));
        for (const batch of edits) {
          for (const { n, to } of batch) {
            const item = to === 'out' ? undefined : pool[n]?.[to];
            if (item === undefined) standing.delete(n);
            else standing.set(n, item);
          }
          const plan = place.plan([...standing.values()]);
          assert.ok(place.write(plan).bytes.equals(place.fromNothing(plan)));
        }
      }),
      { numRuns: 12, seed: 5 },
    );
  });

  test('groups that empty and come back, sizes that group otherwise and one folder leave no trace', (t) => {
    const place = new Workplace(temporaryFolder(t));
    const [all, revised] = [0, 1].map((edition) => pool.flatMap((editions) => editions[edition] ?? []));
    assert.ok(all !== undefined && revised !== undefined);
    const prefix = spreadIdOf(0)[0] ?? '';
    const without = (items: readonly Documented[]) =>
      items.filter(({ update }) => !update.packageId.startsWith(prefix));
    const ofPrefix = all.filter(({ update }) => update.packageId.startsWith(prefix));
    const steps: readonly (readonly [items: readonly Documented[], folders?: 'one'])[] = [
      [all],
      [without(all)],
      [[...without(all), ...ofPrefix.slice(-1)]],
      [all, 'one'],
      [revised],
      [all.slice(0, 63)],
      [all.slice(0, 64)],
      [all.slice(0, 1)],
      [[]],
      [revised, 'one'],
      [all],
    ];
    const written = steps.map(([items, folders], step) => {
      const plan = place.plan(items, { ...OPTIONS, catalogFolders: folders ?? 'many' });
      const { bytes } = place.write(plan);
      assert.ok(bytes.equals(place.fromNothing(plan)), `step ${step}`);
      return sha256(bytes);
    });
    assert.equal(written.at(-1), written[0], 'the same updates, the same bytes');
    assert.equal(new Set(written).size, steps.length - 1);
  });

  test('packs only the groups in which something changed', (t) => {
    const place = new Workplace(temporaryFolder(t));
    const before = pool.map(([first]) => first);
    const first = place.write(place.plan(before));
    assert.deepEqual([first.packed, first.reused], [16, 0]);
    const again = place.write(place.plan(before));
    assert.deepEqual([again.packed, again.reused], [0, 16]);
    const changed = place.write(place.plan([pool[0]?.[1] ?? itemOf(0), ...before.slice(1)]));
    assert.deepEqual([changed.packed, changed.reused], [1, 15]);
    assert.equal(readdirSync(place.partsDir).length, 16, 'what is no longer used is gone');
  });

  test('takes no part that is damaged, cut short or foreign', (t) => {
    const place = new Workplace(temporaryFolder(t));
    const plan = place.plan(pool.map(([first]) => first));
    const { bytes } = place.write(plan);
    const [flipped = '', cut = '', empty = ''] = readdirSync(place.partsDir).map((name) =>
      join(place.partsDir, name),
    );
    const content = readFileSync(flipped);
    content.writeUInt8(content.readUInt8(200) ^ 1, 200);
    writeFileSync(flipped, content);
    writeFileSync(cut, readFileSync(cut).subarray(0, -7));
    writeFileSync(empty, '');
    writeFileSync(join(place.partsDir, 'stray'), 'x');
    const again = place.write(plan);
    assert.deepEqual([again.packed, again.reused], [3, 13]);
    assert.ok(again.bytes.equals(bytes));
  });

  test('a document that is gone or changed is told by its name, and no cabinet is left', (t) => {
    const place = new Workplace(temporaryFolder(t));
    const item = itemOf(1);
    const plan = place.plan([item]);
    const fault = (): unknown => {
      try {
        return place.write(plan);
      } catch (error) {
        return error;
      }
    };
    writeFileSync(place.pathOf(item.revision.sdpSha256), 'other bytes');
    const changed = fault();
    assert.ok(changed instanceof PermanentError && changed.code === 'content.corrupt');
    rmSync(place.pathOf(item.revision.sdpSha256));
    const gone = fault();
    assert.ok(gone instanceof PermanentError && gone.code === 'content.missing');
    assert.match(gone.where ?? '', new RegExp(item.update.packageId));
    assert.ok(!readdirSync(place.folder).includes('patchpress.cab'));
  });
});

test('a cabinet that comes back with another member is seen', (t) => {
  const place = new Workplace(temporaryFolder(t));
  const { outPath } = place.write(place.plan([itemOf(1)]));
  const answer = compareCatalog({ unsignedPath: outPath, signedPath: outPath, members: [] });
  assert.deepEqual(answer, { expected: 'a signature', found: 'none' });
});
