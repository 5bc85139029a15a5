import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { digestFile, verifyFile } from '../../../src/lab/software-update-point/signatures.js';
import { run } from '../../trust/pki.js';
import { missingTools, openWorld, sign, unsignedFile, verdictOf, type World } from '../../trust/world.js';

const missing = missingTools();
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : false;

describe("the lab site's look at a file", { skip }, () => {
  let world: World;
  before(() => {
    world = openWorld();
  });
  after(() => world.close());

  test('digests are those of openssl', async (t) => {
    const path = unsignedFile(t, world, 'msi');
    const base64 = (name: string): string =>
      run(world.folder, 'openssl', ['dgst', `-${name}`, '-binary', path]).toString('base64');
    const { sha1, sha256, sizeBytes } = await digestFile(path);
    assert.deepEqual({ sha1, sha256 }, { sha1: base64('sha1'), sha256: base64('sha256') });
    assert.equal(String(sizeBytes), run(world.folder, 'stat', ['-c', '%s', path]).toString().trim());
  });

  test('only its own trust store counts', async (t) => {
    const path = sign(t, world, 'msi', { chain: [world.vendor, world.issuing] });
    const now = new Date();
    const report = await verifyFile(path, world.anchors, now);
    assert.equal(report.status === 'valid' && report.signer.thumbprint, world.vendor.thumbprint);
    const other = { codeSigningRoots: [world.timestampRoot.der], timestampRoots: [] };
    assert.equal(verdictOf(await verifyFile(path, other, now)), 'untrusted-root');
    assert.equal(verdictOf(await verifyFile(unsignedFile(t, world, 'msi'), other, now)), 'unsigned');
  });
});
