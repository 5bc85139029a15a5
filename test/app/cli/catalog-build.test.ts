import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { certificateDer, createSelfSignedCodeSigning } from '../../../signing/certificates/index.js';
import { bufferSource } from '../../../src/core/bytes.js';
import { uuidv5 } from '../../../src/core/identity.js';
import { readCabinet } from '../../../src/formats/cab/index.js';
import { mustRun, temporaryFolder } from '../../formats/programs.js';
import { creationDateOf, installerOf, sdpOf, updateOf } from '../../publishing/samples.js';

const CLI = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));
const CHECKER = '../shared/tools/catalog_check.py';
/** Updates of the largest catalog; the long form of the tests takes 3,000. */
const LARGEST = process.env.PATCHPRESS_LONG_TESTS === undefined ? 100 : 3000;

function place(t: TestContext, updates: number) {
  const folder = temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  for (const name of ['sdp', 'signers']) mkdirSync(at(name));
  writeFileSync(at('patchpress.yaml'), `dataDir: ${at('data')}\n`);
  for (let n = 1; n <= updates; n += 1) {
    const packageId = `${uuidv5('6ba7b811-9dad-11d1-80b4-00c04fd430c8', `${n}`).slice(0, -1)}0`;
    const update = updateOf(n, { packageId });
    writeFileSync(at(`sdp/${n}.sdp`), sdpOf(update, installerOf(update, n), creationDateOf(n)));
  }
  const patchpress = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words, '--json'], {
      encoding: 'utf8',
      env: { ...process.env, PATCHPRESS_CONFIG: at('patchpress.yaml') },
    });
    return { status, stderr, json: stdout === '' ? null : JSON.parse(stdout) };
  };
  return { folder, at, patchpress };
}

for (const updates of [1, LARGEST]) {
  test(`a catalog of ${updates} documents passes the acceptance checklist once it is signed`, (t) => {
    const { folder, at, patchpress } = place(t, updates);
    const { key, certificate } = createSelfSignedCodeSigning({ subject: 'CN=Test', now: new Date() });
    writeFileSync(at('signers/vendor.cer'), certificateDer(certificate));
    writeFileSync(at('key.pem'), `${key}${certificate}`, { mode: 0o600 });
    const words = ['catalog', 'build', '--out', at('.'), '--sdp', at('sdp'), '--certificates', at('signers')];
    const built = patchpress(...words);
    assert.equal(built.status, 0, built.stderr);
    const { out, sha256, groups, isSigned } = built.json;
    assert.deepEqual(
      [built.json.updates, built.json.certificates, isSigned, out],
      [updates, 1, false, at('patchpress.cab')],
    );
    assert.equal(built.json.categories, 2, 'vendor and product of the documents');
    assert.equal(groups.reused, 0);

    const again = patchpress(...words, '--force');
    assert.deepEqual([again.json.sha256, again.json.groups], [sha256, { packed: 0, reused: groups.packed }]);
    assert.equal(patchpress(...words).status, 2, 'nothing is overwritten unasked');

    const signed = ['cab', 'sign', out, '--out', at('signed.cab'), '--key', at('key.pem'), '--no-timestamp'];
    assert.equal(patchpress(...signed).status, 0);
    if (!existsSync(CHECKER)) {
      t.diagnostic(`${CHECKER} is not here: the acceptance checklist was not run`);
      return;
    }
    const checked = mustRun(
      t,
      '/usr/bin/python3',
      [join(process.cwd(), CHECKER), at('signed.cab'), '--json'],
      folder,
    );
    if (checked === null) return;
    const result = JSON.parse(checked.stdout.toString()) as Record<string, unknown>;
    assert.deepEqual([result.packages, result.v2, result.findings], [updates, updates, []]);
  });
}

test('one folder on demand, with the same members', (t) => {
  const { at, patchpress } = place(t, 70);
  const words = ['catalog', 'build', '--sdp', at('sdp'), '--out'];
  patchpress(...words, at('many'));
  assert.equal(patchpress(...words, at('one'), '--one-folder').json.folders, 'one');
  const [many, one] = ['many', 'one'].map((name) =>
    readCabinet(bufferSource(readFileSync(at(`${name}/patchpress.cab`)))),
  );
  assert.ok(many !== undefined && one !== undefined);
  assert.deepEqual([one.folders.length, many.folders.length > 2], [1, true]);
  const contents = (cabinet: typeof one) =>
    [...cabinet.extractAll(1 << 30)].map(({ member, bytes }) => [member.name, bytes.toString('utf8')]);
  assert.deepEqual(contents(one), contents(many));
});

test('what cannot be in a catalog is told with its file', (t) => {
  const { at, patchpress } = place(t, 1);
  const sdp = readFileSync(at('sdp/1.sdp'), 'utf8');
  const build = () => patchpress('catalog', 'build', '--sdp', at('sdp'), '--out', at('.'));
  for (const [text, message] of [
    [sdp, /2\.sdp.*PackageID/s],
    [sdp.replaceAll('wsus/2005/04/CorporatePublishing/SoftwareDistributionPackage', 'other'), /2\.sdp/],
    ['no XML', /2\.sdp/],
  ] as const) {
    writeFileSync(at('sdp/2.sdp'), text);
    const { status, stderr } = build();
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
  assert.equal(existsSync(at('patchpress.cab')), false);
});

test('without --sdp it is what the ledger has', (t) => {
  const { at, patchpress } = place(t, 0);
  const { status, stderr } = patchpress('catalog', 'build', '--out', at('.'));
  assert.deepEqual([status, /nothing is published/.test(stderr)], [2, true]);
});
