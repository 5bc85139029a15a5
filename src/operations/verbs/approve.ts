import { sealPlan } from '../../core/plan.js';
import type { LedgerWriter } from '../../core/ports.js';
import type { WorkRecord } from '../../core/records.js';
import { type PersonWord, parseWord, speakOfVersion, wordSetting } from '../../core/word.js';
import type { OperationsDeps } from '../deps.js';
import { readOpenTrouble } from '../trouble.js';
import { type Answer, answerOf, type Signer } from './answers.js';
import { aboutProduct, requireProduct } from './hold.js';
import type { Prepared, Spoken } from './request.js';

interface Held {
  readonly work: WorkRecord;
  readonly answer: Answer;
}

/**
 * A person's yes: lifts holds of persons, answers a policy that asks for one, and accepts a signer. Whether a yes is
 * enough is asked of the gates themselves; what it cannot answer is named and left alone.
 */
export async function prepareApprove(
  deps: OperationsDeps,
  productId: string,
  version: string | null,
): Promise<Prepared> {
  const product = requireProduct(deps, productId);
  const held = await findHeld(deps, product.id, version);
  const ofProduct = parseWord(await deps.ledger.setting(wordSetting(product.id, null)));
  const liftsProduct = version === null && ofProduct?.verdict === 'hold' ? ofProduct : null;
  const ofVersion =
    version === null ? null : parseWord(await deps.ledger.setting(wordSetting(product.id, version)));
  const isBlocked = ofVersion?.verdict === 'block';
  const accepted = isBlocked ? [] : held.filter(({ answer }) => answer.kind !== 'none');
  const versions = versionsOf(accepted, isBlocked ? null : version);
  const signer = signerOf(accepted);
  const isInAdvance = version !== null && !isBlocked && accepted.length === 0;
  const does = [
    ...(liftsProduct === null
      ? []
      : [`The hold of the whole product is lifted: ${liftsProduct.by} said "${liftsProduct.reason}".`]),
    ...(signer === null ? [] : [describeSigner(signer)]),
    ...accepted.map(({ work, answer }) => `${describeWork(work)}: ${answer.text}`),
    ...(isInAdvance ? [`Version ${version} may be published as soon as it is there.`] : []),
    ...held
      .filter((one) => !accepted.includes(one))
      .map(({ work, answer }) => `Not answered by this, ${describeWork(work)}: ${answer.text}`),
  ];
  const isNothing =
    isBlocked || (accepted.length === 0 && liftsProduct === null && (!isInAdvance || isApproved(ofVersion)));
  const plan = sealPlan(
    {
      verb: 'approve',
      about: aboutProduct(product, version),
      packageId: null,
      revision: null,
      catalogRevision: null,
      does,
      clients: [
        accepted.length === 0
          ? 'Clients see nothing of it yet.'
          : 'What is accepted goes on through the line, and is offered to the clients that need it.',
      ],
      nothing: isNothing ? whyNothing(ofVersion, held) : null,
    },
    [ofProduct, ofVersion, held.map(({ work }) => [work.id, work.token])],
  );
  return {
    plan,
    subject: product.id,
    jobs: () => [],
    effects: async (ledger, by) => {
      await speak(ledger, product.id, { versions, liftsProduct: liftsProduct !== null }, by);
      if (signer !== null) await trust(ledger, product.id, signer, by);
      for (const { work } of accepted) await ledger.enqueue({ ...work, again: true }, new Date(by.at));
    },
  };
}

async function findHeld(
  deps: OperationsDeps,
  productId: string,
  version: string | null,
): Promise<readonly Held[]> {
  const trouble = await readOpenTrouble(deps.ledger, [productId]);
  const found: Held[] = [];
  for (const work of trouble.work) {
    const subject = trouble.subjectOf(work);
    if (work.state !== 'held' || subject.product !== productId) continue;
    const answer = await answerOf(deps, work);
    const about = subject.version ?? (answer.kind === 'publish' ? answer.version : null);
    if (version === null || about === version) found.push({ work, answer });
  }
  return found;
}

/** Of what is accepted; a version that was named is approved also where nothing of it waits yet. */
function versionsOf(accepted: readonly Held[], named: string | null): readonly string[] {
  const waiting = accepted.flatMap(({ answer }) => (answer.kind === 'publish' ? [answer.version] : []));
  return [...new Set([...(named === null ? [] : [named]), ...waiting])];
}

/** A product has one signer; variants by two are held for the second once the first is accepted. */
function signerOf(accepted: readonly Held[]): Signer | null {
  const signers = accepted.flatMap(({ answer }) => (answer.kind === 'signer' ? [answer.signer] : []));
  return signers[0] ?? null;
}

function describeSigner({ subject, issuer, replaces }: Signer): string {
  const before =
    replaces === null ? '' : ` in the place of "${replaces.subject}" (issuer "${replaces.issuer}")`;
  return `The signer "${subject}" (issuer "${issuer}") is accepted for this product${before}; later files are held to it.`;
}

function describeWork({ stage, version, variant }: WorkRecord): string {
  return [stage, version, variant].filter((one) => one !== null).join(' ');
}

function isApproved(word: PersonWord | null): boolean {
  return word?.verdict === 'approve';
}

function whyNothing(ofVersion: PersonWord | null, held: readonly Held[]): string {
  if (ofVersion?.verdict === 'block') {
    return `this version was rolled back by ${ofVersion.by} and is not published again: wait for a newer one`;
  }
  if (isApproved(ofVersion)) return `it is approved already, by ${ofVersion?.by} since ${ofVersion?.at}`;
  return held.length === 0
    ? 'nothing of it is held'
    : 'nothing of what is held is answered by a yes; the reasons are named above';
}

async function speak(
  ledger: LedgerWriter,
  productId: string,
  { versions, liftsProduct }: { readonly versions: readonly string[]; readonly liftsProduct: boolean },
  { name, reason, at }: Spoken,
): Promise<void> {
  const word: PersonWord = { verdict: 'approve', by: name, at, reason };
  if (liftsProduct) await ledger.putSetting(wordSetting(productId, null), JSON.stringify(word));
  for (const version of versions) await speakOfVersion(ledger, { productId, version }, word);
}

async function trust(
  ledger: LedgerWriter,
  productId: string,
  { subject, issuer, replaces }: Signer,
  { name, reason, at }: Spoken,
): Promise<void> {
  await ledger.putTrustRecord({ productId, subject, issuer, acceptedBy: name, acceptedAt: at });
  const detail = JSON.stringify({ subject, issuer, replaces, reason });
  await ledger.appendAudit({ at, actor: name, action: 'trust signer', subject: productId, detail });
}
