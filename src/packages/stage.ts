import { type Decision, decide, type GateFacts, type Policy, wantsInstallNew } from '../core/decide.js';
import { PermanentError } from '../core/errors.js';
import { decisionIdOf } from '../core/identity.js';
import type { Clock, Compute, ContentStore } from '../core/ports.js';
import type { DecisionRecord, ReleaseRecord, RevisionRecord, UpdateRecord } from '../core/records.js';
import type { NextJob, Stage, StageContext, StageResult } from '../core/stage.js';
import { readWord } from '../core/word.js';
import { type Composed, composeUpdate, identifyUpdate, type Publisher, proveDocument } from './compose.js';
import { buildContent } from './content.js';
import { learntIdentityOf } from './detection.js';
import { expireUpdate } from './expire.js';
import { type BuildInput, keyOf, type PackagesInput, parseInput, workKeyOf } from './input.js';
import { restoreDocuments } from './restore.js';
import { answeredBefore, isUnchanged, refuseIfMoved, risingDate } from './revision.js';
import { findSource, type Source, type SourceDeps } from './source.js';

export interface PackagesDeps extends SourceDeps, Publisher {
  readonly content: ContentStore;
  readonly compute: Compute;
  readonly policy: Policy;
  readonly clock: Clock;
}

/** Stage 3: makes the update document of an acquired installer and proves its rules on machines. */
export function createPackagesStage(deps: PackagesDeps): Stage<PackagesInput> {
  return {
    name: 'packages',
    parse: parseInput,
    key: keyOf,
    subject: ({ productId, version, variant }) => ({ product: productId, version, variant }),
    async run(job, context) {
      if ('expire' in job) return expireUpdate(deps, job, context);
      const restored = 'restore' in job ? await restoreDocuments(deps, job) : null;
      if (restored !== null) return restored;
      const input = buildInputOf(job);
      const source = await findSource(deps, input);
      const { packageId } = identifyUpdate(source, deps.clock.now(), input.rollback);
      const latest = await deps.ledger.latestRevision(packageId);
      const standing = await findStanding(deps, input, source, latest);
      if (standing !== null) return standing;
      const decision = await askGate(deps, context, input, source);
      if (decision.verdict === 'hold') return answerHold(decision);
      const beside = installJob(deps, input, source);
      const composed = composeUpdate(source, deps, deps.clock.now(), input.rollback);
      if (input.revise === null && latest !== null && isUnchanged(composed, latest)) {
        return unchanged(`revision ${latest.revision} says the same`, latest, beside);
      }
      const creationDate = risingDate(deps.clock.now(), latest?.creationDate ?? null);
      const sdp = composed.sdpAt(creationDate);
      const proof = proveDocument(source, composed.update, sdp);
      const revision: RevisionRecord = {
        packageId,
        revision: (latest?.revision ?? 0) + 1,
        creationDate,
        sdpSha256: (await deps.content.putBuffer(sdp)).sha256,
        proofSha256: (await deps.content.putBuffer(proof)).sha256,
        reason: reasonOf(input, latest),
        attestation: null,
        ...(input.revise === null ? {} : { requestId: input.revise }),
        ...(await buildContent(deps, composed.update, source.installer, latest)),
      };
      recordRevision(context, source, composed.update, revision);
      const next = [...signingJob(revision), ...beside];
      return { outcome: 'advanced', next, summary: summaryOf(composed, revision) };
    },
  };
}

/** Documents that cannot be made again as they were are made as a new revision. */
function buildInputOf(job: Exclude<PackagesInput, { expire: string }>): BuildInput {
  if (!('restore' in job)) return job;
  const { restore: _, requestId, ...subject } = job;
  return { ...subject, revise: requestId };
}

/** The line itself goes on to the second update of the variant, where the policy wants new installations. */
function installJob(
  { policy }: PackagesDeps,
  { kind, revise, productId, version, variant }: BuildInput,
  { product }: Source,
): readonly NextJob[] {
  if (kind === 'install' || revise !== null || !wantsInstallNew(product, policy)) return [];
  return [{ stage: 'packages', input: { productId, version, variant, kind: 'install', revise: null } }];
}

function signingJob({ packageId, revision }: RevisionRecord): readonly NextJob[] {
  return [{ stage: 'signing', input: { packageId, revision } }];
}

/** Where nothing is to be decided. The next job is handed on all the same, so that an interrupted line finishes. */
async function findStanding(
  deps: PackagesDeps,
  { version, revise }: BuildInput,
  { known, scheme }: Source,
  latest: RevisionRecord | null,
): Promise<StageResult | null> {
  if (revise !== null) {
    const answered = await answeredBefore(deps.ledger, latest, revise);
    if (answered !== null)
      return unchanged(`this request is revision ${answered.revision} already`, answered);
    if (latest?.expired === true) throw isExpired(latest);
    return null;
  }
  if (latest?.expired === true)
    return unchanged(`revision ${latest.revision} is expired: it stays so`, latest);
  const newer = known.find((one) => scheme.compare(one.version, version) > 0);
  return newer === undefined
    ? null
    : unchanged(`${newer.version} was built before: nothing is published backwards`, latest);
}

function unchanged(
  reason: string,
  standing: RevisionRecord | null,
  beside: readonly NextJob[] = [],
): StageResult {
  return {
    outcome: 'unchanged',
    reason,
    next: [...(standing === null ? [] : signingJob(standing)), ...beside],
  };
}

function isExpired({ packageId, revision }: RevisionRecord): PermanentError {
  return new PermanentError('plan.refused', 'an expired update is never revised', {
    where: `${packageId} revision ${revision}`,
    nextStep: 'wait for a newer version, or roll back to an older one',
  });
}

async function askGate(
  deps: PackagesDeps,
  context: StageContext,
  input: BuildInput,
  { product, detection, evidence, known, release }: Source,
): Promise<Decision> {
  const facts: GateFacts['packages'] = {
    productId: product.id,
    vendor: product.vendor,
    tier: product.tier,
    detection: detection?.evidence ?? 'inferred',
    evidenceRows: evidence.length,
    identity: {
      found: detection === null ? null : learntIdentityOf(detection),
      known: known.findLast(({ learntIdentity }) => learntIdentity !== undefined)?.learntIdentity ?? null,
    },
    releasedAt: releasedAt(release),
    askedFor: input.revise !== null,
    // A rollback is the later word: it takes back what a hold came too late for.
    word: input.rollback ? null : await readWord(deps.ledger, product.id, input.version),
  };
  const now = deps.clock.now();
  const decision = decide('packages', facts, deps.policy, now);
  const workKey = workKeyOf(input);
  const decidedAt = now.toISOString();
  const id = decisionIdOf('packages', keyOf(input), decidedAt);
  const { verdict, reason } = decision;
  const record: DecisionRecord = { id, gate: 'packages', workKey, verdict, reason, facts, decidedAt };
  context.record((ledger) => ledger.putDecision(record));
  return decision;
}

/** A feed's time is untrusted: one that cannot be, or is later than the day the release was seen, does not count. */
function releasedAt({ release, seenAt }: ReleaseRecord): string {
  const told = Date.parse(release.publishedAt ?? '');
  return told <= Date.parse(seenAt) ? new Date(told).toISOString() : seenAt;
}

function answerHold({ code, reason, nextStep, until }: Decision): StageResult {
  if (until !== undefined) return { outcome: 'waiting', until, reason };
  return { outcome: 'held', code: code ?? 'policy', reason, nextStep };
}

function reasonOf({ revise, rollback }: BuildInput, latest: RevisionRecord | null): string {
  if (rollback !== undefined) return `a person rolled back ${rollback.bad} to it (${revise})`;
  if (revise !== null) return `a person asked for it (${revise})`;
  return latest === null ? 'first revision' : 'the definition or its texts have changed';
}

function recordRevision(
  context: StageContext,
  source: Source,
  update: UpdateRecord,
  revision: RevisionRecord,
): void {
  const { packageId, productId, variant, kind } = update;
  const seen = {
    productId,
    variant,
    kind,
    packageId,
    latest: revision.revision - 1,
    updates: source.known.length,
  };
  context.record(async (ledger) => {
    await refuseIfMoved(ledger, seen);
    await ledger.putUpdate(update);
    await ledger.putRevision(revision);
  });
}

function summaryOf({ update }: Composed, { revision }: RevisionRecord): string {
  const supersedes = update.supersedes.length === 0 ? '' : `, supersedes ${update.supersedes.length}`;
  return `revision ${revision} of ${update.packageId}, rules proven${supersedes}`;
}
