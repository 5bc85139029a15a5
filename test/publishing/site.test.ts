import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { POLL_MS } from './line.js';
import { packageIdOf, updateOf } from './samples.js';
import { openWithLab } from './with-lab.js';

const FOLLOW = `follow/${packageIdOf(1)}/1`;

test('the lab site takes catalog and content, refuses what it must, and takes it when it is mended', async (t) => {
  const { lab, line, signer, file, sha256 } = await openWithLab(t);
  const stands = async () => {
    const publication = await line.publication(1);
    return [publication?.state, publication?.reason] as const;
  };

  // The catalog's certificate is not trusted yet.
  await line.publish(1);
  await line.settle();
  line.wait(POLL_MS);
  await line.settle();
  assert.equal((await line.work(FOLLOW))?.code, 'target.refused');
  assert.match((await stands())[1] ?? '', /the site refuses it: 11508: /);
  assert.equal((await stands())[0], 'published');

  // Trusted, but the vendor's file is gone from our store.
  lab.trustCatalogCertificate(signer.certificate.der);
  rmSync(line.content.pathOf(sha256));
  await line.enqueue({ kind: 'follow', packageId: packageIdOf(1), revision: 1 }, true);
  await line.settle();
  line.wait(POLL_MS);
  await line.settle();
  assert.equal((await line.work(FOLLOW))?.code, 'target.refused');
  assert.equal((await stands())[0], 'visible');
  assert.match((await stands())[1] ?? '', /answered 500/);

  await line.content.putBuffer(file);
  await line.enqueue({ kind: 'follow', packageId: packageIdOf(1), revision: 1 }, true);
  await line.settle();
  assert.deepEqual(await stands(), ['distributed', null]);

  // A new revision of the metadata needs no content again.
  await line.publish(1);
  await line.settle();
  const second = await line.publication(1);
  assert.deepEqual([second?.revision, second?.state, second?.catalogRevision], [2, 'distributed', 2]);
  assert.equal(updateOf(1).packageId, second?.packageId);
});
