import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAttestor, createAttestorKey, verifyAttestation } from '../../signing/attestation.js';
import { createSigningStage } from '../../signing/stage.js';
import { PermanentError } from '../../src/core/errors.js';
import type { ContentStore, LedgerReader, LedgerWriter, Signer } from '../../src/core/ports.js';
import type { DecisionRecord, RevisionRecord, UpdateRecord } from '../../src/core/records.js';
import type { StageContext } from '../../src/core/stage.js';

const ID = '11111111-2222-4333-8444-555555555555';
const keys = createAttestorKey();
const attestor = createAttestor(keys.privateKey);

const update: UpdateRecord = {
  packageId: ID,
  productId: 'igor-pavlov/7-zip',
  productName: '7-Zip',
  version: '26.00',
  variant: 'x64/msi/any/machine',
  kind: 'update',
  route: 'catalog',
  payloadSha256: 'aa'.repeat(32),
  respin: 0,
  title: '7-Zip 26.00 (x64)',
  supersedes: [],
  createdAt: '2026-11-24T09:00:00.000Z',
};
const revision: RevisionRecord = {
  packageId: ID,
  revision: 2,
  creationDate: '2026-11-24T09:00:00Z',
  sdpSha256: 'bb'.repeat(32),
  proofSha256: 'cc'.repeat(32),
  reason: 'first',
  attestation: null,
};
const decision: DecisionRecord = {
  id: 'decision-2',
  gate: 'packages',
  workKey: 'igor-pavlov/7-zip/26.00/x64/msi/any/machine',
  verdict: 'go',
  reason: 'the policy publishes it by itself',
  facts: {},
  decidedAt: '2026-11-24T09:00:00.000Z',
};
const earlier: DecisionRecord = { ...decision, id: 'decision-1', verdict: 'hold' };
const otherGate: DecisionRecord = { ...decision, id: 'decision-3', gate: 'releases' };

const NO_SIGNER: Signer = { sign: async () => assert.fail('nothing is signed here') };

interface Facts {
  readonly update?: UpdateRecord | null;
  readonly revision?: RevisionRecord | null;
  readonly decisions?: readonly DecisionRecord[];
  readonly missing?: string;
  readonly signer?: Signer;
}

async function run(facts: Facts = {}) {
  const ledger = {
    update: async () => (facts.update === undefined ? update : facts.update),
    revision: async () => (facts.revision === undefined ? revision : facts.revision),
    decisions: async (workKey: string) =>
      workKey === decision.workKey ? (facts.decisions ?? [earlier, decision, otherGate]) : [],
  } as unknown as LedgerReader;
  const content = {
    get: async (sha256: string) => {
      if (sha256 === facts.missing) throw new PermanentError('content.missing', 'gone');
      return Buffer.alloc(0);
    },
  } as unknown as ContentStore;
  const effects: ((ledger: LedgerWriter) => Promise<void>)[] = [];
  const put: RevisionRecord[] = [];
  const stage = createSigningStage({ ledger, content, attestor, signer: facts.signer ?? NO_SIGNER });
  const context = { record: (effect: (typeof effects)[number]) => effects.push(effect) };
  const input = stage.parse({ packageId: ID, revision: 2 });
  const result = await stage.run(input, context as unknown as StageContext);
  const writer = { putRevision: async (record: RevisionRecord) => put.push(record) };
  for (const effect of effects) await effect(writer as unknown as LedgerWriter);
  return { result, put };
}

const NEXT = [{ stage: 'publishing', input: { kind: 'publish', packageId: ID, revision: 2 } }];

describe('signing', () => {
  test('vouches for the revision and hands on', async () => {
    const { result, put } = await run();
    assert.deepEqual(result, { outcome: 'advanced', next: NEXT, summary: 'vouched for' });
    const attestation = put[0]?.attestation;
    assert.ok(attestation);
    assert.deepEqual(put, [{ ...revision, attestation }]);
    assert.equal(verifyAttestation(keys.publicKey, attestation), true);
    const { signature: _signature, ...statement } = attestation;
    assert.deepEqual(statement, {
      packageId: ID,
      revision: 2,
      sdpSha256: revision.sdpSha256,
      payloadSha256: update.payloadSha256,
      proofSha256: revision.proofSha256,
      decisionId: 'decision-2',
    });
  });

  test('what is vouched for already stays, and the line goes on', async () => {
    const attested = (await run()).put[0] ?? null;
    const { result, put } = await run({ revision: attested, decisions: [] });
    assert.deepEqual(result, {
      outcome: 'unchanged',
      reason: 'this revision is vouched for already',
      next: NEXT,
    });
    assert.deepEqual(put, []);
  });

  test('an attestation under a former key is made anew', async () => {
    const statement = (await run()).put[0]?.attestation;
    assert.ok(statement);
    const former = createAttestor(createAttestorKey().privateKey).attest(statement);
    const { result, put } = await run({ revision: { ...revision, attestation: former } });
    assert.equal(result.outcome, 'advanced');
    assert.deepEqual(put[0]?.attestation, statement);
  });

  test('documents that are gone are not vouched for', async () => {
    await assert.rejects(run({ missing: revision.sdpSha256 }), { code: 'content.missing' });
    await assert.rejects(run({ missing: revision.proofSha256 }), { code: 'content.missing' });
  });

  test('without a decision there is no attestation; a hold holds', async () => {
    await assert.rejects(run({ decisions: [otherGate] }), { code: 'not-found' });
    const { result, put } = await run({ decisions: [decision, { ...earlier, reason: 'never' }] });
    assert.equal(result.outcome, 'held');
    assert.deepEqual(put, []);
  });

  test('what was never built is an error', async () => {
    await assert.rejects(run({ update: null }), { code: 'not-found' });
    await assert.rejects(run({ revision: null }), { code: 'not-found' });
  });

  test('a job payload is decoded; the key names the revision', () => {
    const stage = createSigningStage({
      ledger: {} as LedgerReader,
      content: {} as ContentStore,
      attestor,
      signer: NO_SIGNER,
    });
    const input = { packageId: ID, revision: 2 };
    assert.equal(stage.key(stage.parse(input)), `${ID}/2`);
    assert.equal(stage.subject(input), null);
    for (const bad of [
      null,
      {},
      { ...input, revision: 0 },
      { ...input, packageId: '..' },
      { ...input, x: 1 },
    ]) {
      assert.throws(() => stage.parse(bad), { code: 'payload.invalid' });
    }
  });
});
