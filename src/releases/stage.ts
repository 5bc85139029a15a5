import { z } from 'zod';
import { type Decision, decide, type Policy, signatureFacts } from '../core/decide.js';
import { PermanentError, RetryableError } from '../core/errors.js';
import { decisionIdOf } from '../core/identity.js';
import type { InstallerInspection, SignatureReport } from '../core/installer.js';
import type { Clock, Compute, LedgerReader, ProductCatalog, SignatureVerifier } from '../core/ports.js';
import { type InstallerDefinition, type ProductDefinition, variantOf } from '../core/product.js';
import type { DecisionRecord, InstallerRecord, TrustRecord } from '../core/records.js';
import {
  type Release,
  type ReleaseAsset,
  type StatedDigest,
  statedBySecondVantage,
} from '../core/release.js';
import type { NextJob, Stage, StageContext, StageResult } from '../core/stage.js';
import { type AcquireDeps, type Acquired, acquire } from './acquire.js';
import { type DigestHold, findDigestFault } from './digests.js';
import { selectAsset } from './select.js';

const Input = z.strictObject({
  productId: z.string().min(1).max(200),
  version: z.string().min(1).max(200),
  variant: z.string().min(1).max(200),
});
export type ReleasesInput = z.infer<typeof Input>;

export interface ReleasesDeps extends AcquireDeps {
  readonly products: ProductCatalog;
  readonly ledger: LedgerReader;
  readonly verifier: SignatureVerifier;
  readonly compute: Compute;
  /** Where the file contradicts its definition: `findMismatches` of `src/installers`. */
  readonly findMismatches: (
    inspection: InstallerInspection,
    definition: InstallerDefinition,
    version: string,
    isVersionInFile: boolean,
  ) => readonly { readonly what: string; readonly expected: string; readonly found: string }[];
  readonly policy: Policy;
  readonly clock: Clock;
}

/** Stage 2: acquires an installer once, asks who signed it, and looks at what it is. */
export function createReleasesStage(deps: ReleasesDeps): Stage<ReleasesInput> {
  return {
    name: 'releases',
    parse: parseInput,
    key: ({ productId, version, variant }) => [productId, version, variant].join('/'),
    subject: ({ productId, version, variant }) => ({ product: productId, version, variant }),
    async run(input, context) {
      const wanted = await findWanted(deps, input);
      if (wanted.known !== null && (await deps.content.check(wanted.known.sha256)) === 'whole') {
        return {
          outcome: 'unchanged',
          reason: 'this installer was acquired before',
          next: packagesJob(input),
        };
      }
      const acquired = await acquire(deps, wanted.asset, wanted.definition, context.signal);
      const wrong = await findDigestFault(deps.content, wanted.asset, wanted.known, acquired);
      if (wrong !== null) return holdForDigest(deps, context, input, wrong);
      const signature = await deps.verifier.verify(deps.content.pathOf(acquired.sha256));
      const { decision, facts } = await decideTrust(deps, wanted, acquired, signature);
      recordDecision(deps, context, input, decision, facts);
      if (decision.verdict === 'hold') return held(decision);
      const inspection = await inspect(deps, wanted, acquired);
      recordInstaller(deps, context, input, { wanted, acquired, signature, inspection });
      return { outcome: 'advanced', next: packagesJob(input), summary: decision.reason };
    },
  };
}

function parseInput(data: unknown): ReleasesInput {
  const input = Input.safeParse(data);
  if (input.success) return input.data;
  throw new PermanentError('payload.invalid', 'a releases job is malformed', {
    expected: '{productId, version, variant}',
    found: z.prettifyError(input.error),
  });
}

function packagesJob({ productId, version, variant }: ReleasesInput): readonly NextJob[] {
  return [{ stage: 'packages', input: { productId, version, variant, revise: null } }];
}

interface Wanted {
  readonly product: ProductDefinition;
  readonly definition: InstallerDefinition;
  readonly release: Release;
  readonly asset: ReleaseAsset;
  /** What a second source states of this file; null: nothing. */
  readonly secondVantage: StatedDigest | null;
  readonly known: InstallerRecord | null;
  readonly trusted: TrustRecord | null;
  /** The host of the file of this variant's latest update. */
  readonly knownHost: string | null;
}

async function findWanted(deps: ReleasesDeps, input: ReleasesInput): Promise<Wanted> {
  const { productId, version, variant } = input;
  const product = deps.products.get(productId);
  const definition = product?.installers.find((one) => variantOf(one) === variant);
  const release = await deps.ledger.release(productId, version);
  if (product === null || definition === undefined || release === null) {
    throw new PermanentError('not-found', 'the product, the variant or the release is not known', {
      where: `${productId} ${version} ${variant}`,
      expected: 'a definition with this variant, and a release that a feed has shown',
      found: product === null ? 'no definition' : definition === undefined ? 'no such variant' : 'no release',
      nextStep: 'correct the definition, then sync the product',
    });
  }
  const earlier = (await deps.ledger.updates({ productId, variant })).at(-1);
  const before = earlier && (await deps.ledger.installer(productId, earlier.version, variant));
  const asset = selectAsset(release.release, definition);
  return {
    product,
    definition,
    release: release.release,
    asset,
    secondVantage: statedBySecondVantage(release.release, asset),
    known: await deps.ledger.installer(productId, version, variant),
    trusted: await deps.ledger.trustRecord(productId),
    knownHost: before ? hostOf(before.url) : null,
  };
}

async function decideTrust(
  deps: ReleasesDeps,
  wanted: Wanted,
  { sha256 }: Acquired,
  signature: SignatureReport,
) {
  const { digests } = wanted.asset;
  // A digest that was computed from the file here states nothing.
  const isOwn = wanted.release.isVersionInFile === true;
  const facts = {
    productId: wanted.product.id,
    signature: signatureFacts(signature),
    trusted: wanted.trusted && { subject: wanted.trusted.subject, issuer: wanted.trusted.issuer },
    host: hostOf(wanted.asset.url),
    knownHost: wanted.knownHost,
    // It has been compared: another digest than the stated one is a hold of its own.
    isDigestStated:
      wanted.secondVantage !== null || (!isOwn && (digests.sha256 !== null || digests.sha512 !== null)),
    ...(wanted.secondVantage && { secondVantage: { ...wanted.secondVantage, foundSha256: sha256 } }),
  };
  return { decision: decide('releases', facts, deps.policy, deps.clock.now()), facts };
}

async function inspect(deps: ReleasesDeps, wanted: Wanted, acquired: Acquired): Promise<InstallerInspection> {
  const path = deps.content.pathOf(acquired.sha256);
  const inspection = await deps.compute.run('inspectInstaller', { path });
  const { version, isVersionInFile = false } = wanted.release;
  const mismatches = deps.findMismatches(inspection, wanted.definition, version, isVersionInFile);
  if (mismatches.length === 0) return inspection;
  throw new PermanentError('installer.mismatch', 'the file is not what definition and release say', {
    where: `${wanted.product.id} ${version}: ${acquired.fileName}`,
    expected: mismatches.map(({ what, expected }) => `${what} ${expected}`).join(', '),
    found: mismatches.map(({ what, found }) => `${what} ${found}`).join(', '),
    nextStep: 'correct the definition, or ask the vendor',
  });
}

function holdForDigest(
  deps: ReleasesDeps,
  context: StageContext,
  input: ReleasesInput,
  fault: DigestHold,
): StageResult {
  recordDecision(deps, context, input, { ...fault, verdict: 'hold' }, fault);
  return held(fault);
}

function held({ code, reason, nextStep }: Pick<Decision, 'code' | 'reason' | 'nextStep'>): StageResult {
  return { outcome: 'held', code: code ?? 'policy', reason, nextStep };
}

function recordDecision(
  deps: ReleasesDeps,
  context: StageContext,
  input: ReleasesInput,
  { verdict, reason }: Pick<Decision, 'verdict' | 'reason'>,
  facts: unknown,
): void {
  const decidedAt = deps.clock.now().toISOString();
  const workKey = [input.productId, input.version, input.variant].join('/');
  const id = decisionIdOf('releases', workKey, decidedAt);
  const record: DecisionRecord = { id, gate: 'releases', workKey, verdict, reason, facts, decidedAt };
  context.record((ledger) => ledger.putDecision(record));
}

/** The installer; at the first of a product also who signed it, which later ones are held to. */
function recordInstaller(
  deps: ReleasesDeps,
  context: StageContext,
  input: ReleasesInput,
  facts: {
    readonly wanted: Wanted;
    readonly acquired: Acquired;
    readonly signature: SignatureReport;
    readonly inspection: InstallerInspection;
  },
): void {
  const { wanted, acquired, signature, inspection } = facts;
  const at = deps.clock.now().toISOString();
  const record = { ...input, ...acquired, url: wanted.asset.url, signature, inspection, acquiredAt: at };
  context.record(async (ledger) => {
    await ledger.putInstaller(record);
    if (signature.status !== 'valid') return;
    const { subject, issuer } = signature.signer;
    const trusted = await ledger.trustRecord(input.productId);
    if (trusted?.subject === subject && trusted.issuer === issuer) return;
    if (trusted !== null) throw trustedMeanwhile(input);
    await ledger.putTrustRecord({
      productId: input.productId,
      subject,
      issuer,
      acceptedBy: 'policy',
      acceptedAt: at,
    });
    await ledger.appendAudit({
      at,
      actor: 'policy',
      action: 'trust signer',
      subject: input.productId,
      detail: JSON.stringify({ subject, issuer, sha256: acquired.sha256 }),
    });
  });
}

/** Two variants of a new product at once, by two signers: the second try sees the first one's trust record and is held. */
function trustedMeanwhile({ productId }: ReleasesInput): RetryableError {
  return new RetryableError('ledger.busy', 'another signer of this product was accepted meanwhile', {
    where: productId,
  });
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host.toLowerCase() : '';
}
