import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PermanentError, RetryableError } from '../../src/core/errors.js';
import type { Canary, LedgerReader, LedgerWriter } from '../../src/core/ports.js';
import { type CanaryAnswer, type CanaryRole, EXPECTED_CANARY } from '../../src/core/publication.js';
import type { DecisionRecord, PublicationRecord, UpdateRecord } from '../../src/core/records.js';
import type { StageContext, StageResult } from '../../src/core/stage.js';
import type { SiteAnswer, SiteCanary } from '../../src/verification/site-canary.js';
import { createVerificationStage } from '../../src/verification/stage.js';

const ID = '11111111-2222-4333-8444-555555555555';
const input = { packageId: ID, revision: 1, target: 'configmgr-catalog', runId: 'run-1' } as const;

const update: UpdateRecord = {
  packageId: ID,
  productId: 'igor-pavlov/7-zip',
  productName: '7-Zip',
  version: '26.00',
  variant: 'x64/msi/any/machine',
  kind: 'update',
  route: 'catalog',
  payloadSha256: 'aa',
  respin: 0,
  title: '7-Zip 26.00 (x64)',
  supersedes: [],
  createdAt: '2026-11-24T09:00:00.000Z',
};
const publication: PublicationRecord = {
  packageId: ID,
  revision: 1,
  target: 'configmgr-catalog',
  state: 'distributed',
  catalogRevision: 3,
  reason: 'waits for the canary',
  proof: null,
  clients: null,
  startedAt: '2026-11-24T09:00:00.000Z',
  changedAt: '2026-11-24T09:30:00.000Z',
  reachedAt: { published: '2026-11-24T09:10:00.000Z', distributed: '2026-11-24T09:30:00.000Z' },
};

const ledgerOf = (facts: { update?: UpdateRecord | null; publication?: PublicationRecord | null }) =>
  ({
    update: async () => (facts.update === undefined ? update : facts.update),
    publication: async () => (facts.publication === undefined ? publication : facts.publication),
    release: async () => ({
      productId: update.productId,
      version: update.version,
      seenAt: '2026-11-24T08:00:00.000Z',
      release: { publishedAt: '2026-11-22T04:00:00Z' },
    }),
    installer: async () => null,
  }) as unknown as LedgerReader;

const canaryOf = (answers: Readonly<Record<CanaryRole, CanaryAnswer>>): Canary => ({
  proof: 'lab',
  verify: async () => answers,
});

async function run(
  canary: Canary | SiteCanary | null,
  facts: {
    update?: UpdateRecord | null;
    publication?: PublicationRecord | null;
    /** What stands when the effects are written. */
    standing?: PublicationRecord;
  } = {},
) {
  const put: PublicationRecord[] = [];
  const decisions: DecisionRecord[] = [];
  const effects: ((ledger: LedgerWriter) => Promise<void>)[] = [];
  const anyway: typeof effects = [];
  const stage = createVerificationStage({
    ledger: ledgerOf(facts),
    canary,
    clock: { now: () => new Date('2026-11-24T10:00:00.000Z') },
    pollMs: 60_000,
  });
  const context = {
    record: (effect: (typeof effects)[number]) => effects.push(effect),
    recordAnyway: (effect: (typeof effects)[number]) => anyway.push(effect),
  } as unknown as StageContext;
  const writer = {
    publication: async () => facts.standing ?? facts.publication ?? publication,
    putPublication: async (record: PublicationRecord) => {
      put.push(record);
    },
    putDecision: async (record: DecisionRecord) => {
      decisions.push(record);
    },
  } as unknown as LedgerWriter;
  let result: StageResult;
  try {
    result = await stage.run(stage.parse(input), context);
  } catch (error) {
    for (const effect of anyway) await effect(writer);
    throw Object.assign(error as Error, { put, decisions });
  }
  for (const effect of [...effects, ...anyway]) await effect(writer);
  return { result, put, decisions, key: stage.key(input) };
}

/** The fault, and what was written although the turn failed. */
async function lost(turn: Promise<unknown>) {
  try {
    await turn;
  } catch (error) {
    assert.ok(error instanceof PermanentError);
    return error as PermanentError & {
      readonly put: PublicationRecord[];
      readonly decisions: DecisionRecord[];
    };
  }
  throw new Error('nothing failed');
}

describe('verification', () => {
  test('right answers of all three clients are the proof', async () => {
    const { result, put } = await run(canaryOf(EXPECTED_CANARY));
    assert.equal(result.outcome, 'advanced');
    assert.deepEqual(put, [
      {
        ...publication,
        state: 'verified',
        proof: 'lab',
        clients: EXPECTED_CANARY,
        reason: null,
        changedAt: '2026-11-24T10:00:00.000Z',
        reachedAt: {
          released: '2026-11-22T04:00:00.000Z',
          seen: '2026-11-24T08:00:00.000Z',
          built: '2026-11-24T09:00:00.000Z',
          published: '2026-11-24T09:10:00.000Z',
          distributed: '2026-11-24T09:30:00.000Z',
          verified: '2026-11-24T10:00:00.000Z',
        },
      },
    ]);
  });

  test('the decision keeps what proved it, and how long each hop has taken', async () => {
    const { decisions } = await run(canaryOf(EXPECTED_CANARY));
    assert.equal(decisions.length, 1);
    assert.deepEqual(
      [decisions[0]?.gate, decisions[0]?.verdict, decisions[0]?.workKey],
      ['verification', 'go', [update.productId, update.version, update.variant].join('/')],
    );
    assert.equal(
      decisions[0]?.reason,
      'proven by lab: released 2026-11-22T04:00:00.000Z, seen after 2 d 4 h, built after 1 h, published after 10 min, ' +
        'distributed after 20 min, verified after 30 min; 2 d 6 h in all',
    );
  });

  test('a device of the site is proof by itself; until then it waits with its own reason', async () => {
    const device = (answer: SiteAnswer): SiteCanary => ({ proof: 'device', verify: async () => answer });
    const proven = await run(device({ summary: 'a device has it' }));
    assert.equal(proven.result.outcome, 'advanced');
    assert.deepEqual(
      [proven.put[0]?.state, proven.put[0]?.proof, proven.put[0]?.clients],
      ['verified', 'device', null],
    );
    const early = await run(device({ reason: 'no device has reported', nextStep: 'deploy it' }));
    assert.deepEqual(early.result, {
      outcome: 'waiting',
      until: new Date('2026-11-24T10:01:00.000Z'),
      reason: 'no device has reported',
      nextStep: 'deploy it',
    });
    assert.deepEqual(early.put, []);
  });

  test('a new installation is proven where the product is missing, and leaves older copies alone', async () => {
    const install = { update: { ...update, kind: 'install' as const } };
    const answers: Readonly<Record<CanaryRole, CanaryAnswer>> = {
      missing: { before: 'required', after: 'installed', installed: true },
      older: { before: 'notApplicable', after: 'notApplicable', installed: false },
      current: { before: 'installed', after: 'installed', installed: false },
    };
    assert.equal((await run(canaryOf(answers), install)).result.outcome, 'advanced');
    await assert.rejects(run(canaryOf(EXPECTED_CANARY), install), {
      code: 'proof.failed',
      expected: /^missing: required, .*older: notApplicable/,
    });
  });

  const wrong: readonly [string, CanaryRole, CanaryAnswer, RegExp][] = [
    [
      'an update that is offered where the product is missing',
      'missing',
      { before: 'required', after: 'installed', installed: true },
      /missing: required, then installed, installed/,
    ],
    [
      'an install that does not help',
      'older',
      { before: 'required', after: 'required', installed: true },
      /older: required, then required, installed/,
    ],
    [
      'an update the client refuses',
      'older',
      { before: 'required', after: 'required', installed: false, detail: '0x800B0109: untrusted root' },
      /older: required, then required, nothing installed \(0x800B0109: untrusted root\)/,
    ],
    [
      'a current version that is not recognised',
      'current',
      { before: 'notApplicable', after: 'notApplicable', installed: false },
      /current: notApplicable/,
    ],
  ];
  for (const [name, role, answer, message] of wrong) {
    test(`${name} is not verified`, async () => {
      await assert.rejects(run(canaryOf({ ...EXPECTED_CANARY, [role]: answer })), (error: unknown) => {
        assert.ok(error instanceof PermanentError);
        assert.equal(error.code, 'proof.failed');
        assert.match(error.found ?? '', message);
        return true;
      });
    });
  }

  test('a client that does not trust the signer is told how to', async () => {
    const detail = '0x800B0109: untrusted root';
    const answer = { before: 'required', after: 'required', installed: false, detail } as const;
    await assert.rejects(run(canaryOf({ ...EXPECTED_CANARY, older: answer })), {
      nextStep: /"Enable third-party software updates" = Yes/,
    });
  });

  test('what took its place while the clients looked is not overwritten', async () => {
    const superseded = { ...publication, state: 'superseded' } as const;
    const { put } = await run(canaryOf(EXPECTED_CANARY), { standing: superseded });
    assert.deepEqual(put, []);
  });

  describe('again, of what is verified', () => {
    const verified: PublicationRecord = {
      ...publication,
      state: 'verified',
      reason: null,
      proof: 'lab',
      clients: EXPECTED_CANARY,
      changedAt: '2026-11-23T10:00:00.000Z',
    };
    const bad: CanaryAnswer = { before: 'required', after: 'required', installed: true };
    const looping = canaryOf({ ...EXPECTED_CANARY, older: bad });
    const site = (answer: SiteAnswer): SiteCanary => ({ proof: 'compliance', verify: async () => answer });

    test('a proof that holds changes nothing', async () => {
      const { result, put, decisions } = await run(canaryOf(EXPECTED_CANARY), { publication: verified });
      assert.deepEqual(result, {
        outcome: 'unchanged',
        reason: 'its proof still holds: three clients saw what they should',
      });
      assert.deepEqual([put, decisions], [[], []]);
    });

    test('one that does not is told with what to do; it stays verified and is taken back from nobody', async () => {
      const failed = await lost(run(looping, { publication: verified }));
      assert.equal(failed.code, 'proof.failed');
      assert.equal(
        failed.message,
        'it was verified by lab at 2026-11-23T10:00:00.000Z, and that no longer holds',
      );
      assert.match(failed.found ?? '', /older: required, then required, installed/);
      assert.match(failed.nextStep ?? '', /detection.*; clients are still offered it: patchpress expire/);
      const [kept] = failed.put;
      assert.equal(failed.put.length, 1);
      assert.deepEqual(
        [kept?.state, kept?.proof, kept?.clients?.older, kept?.changedAt],
        ['verified', 'lab', bad, verified.changedAt],
      );
      assert.match(kept?.reason ?? '', /^its proof no longer holds: older: required/);
      assert.deepEqual(
        failed.decisions.map(({ gate, verdict }) => [gate, verdict]),
        [['verification', 'hold']],
      );
      const once = await lost(run(looping, { publication: kept ?? null }));
      assert.deepEqual(once.decisions, [], 'the same again is no new decision');
    });

    test('and when it holds again, that is told too', async () => {
      const reason = 'its proof no longer holds: older: required';
      const { result, put, decisions } = await run(canaryOf(EXPECTED_CANARY), {
        publication: { ...verified, reason },
      });
      assert.equal(result.outcome, 'advanced');
      assert.deepEqual(put, [{ ...verified, reason: null }]);
      assert.deepEqual(
        decisions.map(({ verdict }) => verdict),
        ['go'],
      );
    });

    test('a site that tells nothing new says nothing against it; one that tells the contrary does', async () => {
      const facts = { publication: { ...verified, proof: 'compliance' as const } };
      const quiet = { reason: 'none has reported', nextStep: 'let them scan' };
      const { result, put } = await run(site(quiet), facts);
      assert.equal(result.outcome, 'unchanged');
      assert.deepEqual(put, []);
      const failed = await lost(run(site({ ...quiet, reason: '5 need it', isContrary: true }), facts));
      assert.equal(failed.found, '5 need it');
      assert.match(failed.nextStep ?? '', /^let them scan; /);
    });

    test('an outage says nothing about it', async () => {
      const down = new RetryableError('target.unreachable', 'the site does not answer');
      const facts = { publication: verified };
      const { result, put } = await run({ proof: 'lab', verify: () => Promise.reject(down) }, facts);
      assert.equal(result.outcome, 'waiting');
      assert.deepEqual(put, []);
    });
  });

  test('what a collection needed most is kept until it is proven, and asked with', async () => {
    const mostRequired = { at: '2026-11-24T10:00:00.000Z', required: 3, installed: 0 };
    const asked: unknown[] = [];
    const canary: SiteCanary = {
      proof: 'compliance',
      verify: async (_, earlier) => {
        asked.push(earlier);
        return { reason: '3 need it', nextStep: 'deploy it', mostRequired };
      },
    };
    const first = await run(canary);
    assert.deepEqual(first.put, [{ ...publication, mostRequired }]);
    const second = await run(canary, { publication: { ...publication, mostRequired } });
    assert.deepEqual(second.put, [], 'the same is not written again');
    assert.deepEqual(asked, [null, mostRequired]);
  });

  test('a gateway that does not answer is looked for again, however long that takes', async () => {
    const nextStep = 'check that the gateway runs';
    const down = new RetryableError('cmg.unreachable', 'no answer', { nextStep });
    const { result, put } = await run({ proof: 'lab', verify: () => Promise.reject(down) });
    assert.deepEqual(result, {
      outcome: 'waiting',
      until: new Date('2026-11-24T10:01:00.000Z'),
      reason: 'cmg.unreachable: no answer; next: check that the gateway runs',
      nextStep,
    });
    assert.deepEqual(put, []);
    const other = new RetryableError('compute.timeout', 'too slow');
    await assert.rejects(run({ proof: 'lab', verify: () => Promise.reject(other) }), {
      code: 'compute.timeout',
    });
  });

  test('without a canary nothing is claimed', async () => {
    const { result, put } = await run(null);
    assert.deepEqual(result, { outcome: 'unchanged', reason: 'no canary is configured' });
    assert.deepEqual(put, []);
  });

  test('a revision that was replaced is not verified any more', async () => {
    const { result } = await run(canaryOf(EXPECTED_CANARY), {
      publication: { ...publication, revision: 2 },
    });
    assert.deepEqual(result, { outcome: 'unchanged', reason: 'revision 2 has taken its place' });
  });

  test('what was never published is an error', async () => {
    await assert.rejects(run(canaryOf(EXPECTED_CANARY), { publication: null }), { code: 'not-found' });
  });

  test('a job payload is decoded; the key names the run', () => {
    const stage = createVerificationStage({
      ledger: ledgerOf({}),
      canary: null,
      clock: { now: () => new Date() },
      pollMs: 60_000,
    });
    assert.equal(stage.key(stage.parse(input)), `configmgr-catalog/${ID}/1/run-1`);
    for (const bad of [
      null,
      {},
      { ...input, packageId: 'x' },
      { ...input, target: 'nowhere' },
      { ...input, revision: 0 },
    ]) {
      assert.throws(() => stage.parse(bad), { code: 'payload.invalid' });
    }
  });
});
