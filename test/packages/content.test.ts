import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { createContentStore } from '../../src/content/store.js';
import type { Policy } from '../../src/core/decide.js';
import type { RevisionRecord, UpdateRecord } from '../../src/core/records.js';
import { readCabinet } from '../../src/formats/cab/index.js';
import { withFileSource } from '../../src/formats/file-source.js';
import { buildContent } from '../../src/packages/content.js';
import { temporaryFolder } from '../formats/programs.js';
import { inlineCompute } from '../publishing/line.js';
import { installerOf, updateOf } from '../publishing/samples.js';

const PAYLOAD = Buffer.from('MZ an installer'.repeat(1000));
const payloadSha256 = createHash('sha256').update(PAYLOAD).digest('hex');
const direct: UpdateRecord = { ...updateOf(1, { route: 'direct', payloadSha256 }), productId: 'A.A' };
const installer = { ...installerOf(direct, 1), fileName: 'setup.exe' };
const SIGNED_CAB: Policy = { rules: [], signers: [], direct: { mode: 'signed-cab' } };

test('the content of a direct update is one file in a cabinet, the same for the same payload', async (t) => {
  const cabinets: string[] = [];
  for (const name of ['one', 'another']) {
    const content = createContentStore(join(temporaryFolder(t), name));
    await content.putBuffer(PAYLOAD);
    const deps = { content, compute: inlineCompute, policy: SIGNED_CAB };
    const built = await buildContent(deps, direct, installer, null);
    assert.equal(built.content?.signed, null);
    const sha256 = built.content?.unsignedSha256 ?? '';
    withFileSource(content.pathOf(sha256), (source) => {
      const cabinet = readCabinet(source);
      assert.deepEqual(
        cabinet.members.map((member) => member.name),
        ['setup.exe'],
      );
      const [member] = cabinet.members;
      assert.ok(member && cabinet.extract(member, 1 << 20).equals(PAYLOAD));
    });
    cabinets.push(sha256);
  }
  assert.equal(cabinets[0], cabinets[1]);
});

test('what an earlier revision has is used again, with its signature', async () => {
  const content = { unsignedSha256: 'aa', signed: { sha256: 'bb', certificateThumbprint: 'CC' } };
  const deps = { content: {} as never, compute: {} as never, policy: SIGNED_CAB };
  const built = await buildContent(deps, direct, installer, { content } as RevisionRecord);
  assert.deepEqual(built, { content });
});

test('nothing is packed on the catalog route, nor where WSUS packs it', async () => {
  const deps = { content: {} as never, compute: {} as never, policy: SIGNED_CAB };
  assert.deepEqual(await buildContent(deps, { ...direct, route: 'catalog' }, installer, null), {});
  const payload: Policy = {
    ...SIGNED_CAB,
    direct: { ...SIGNED_CAB.direct, products: [{ product: 'A.*', mode: 'payload' }] },
  };
  assert.deepEqual(await buildContent({ ...deps, policy: payload }, direct, installer, null), {});
});
