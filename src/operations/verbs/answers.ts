import { z } from 'zod';
import { decide, type GateFacts } from '../../core/decide.js';
import type { DecisionRecord, WorkRecord } from '../../core/records.js';
import { isRefusal, type PersonWord, readWord } from '../../core/word.js';
import type { OperationsDeps } from '../deps.js';

export interface Signer {
  readonly subject: string;
  readonly issuer: string;
  /** Who was trusted until now; null: nobody. */
  readonly replaces: { readonly subject: string; readonly issuer: string } | null;
}

/** What a person's yes does to one piece of held work; `none`: it is no answer, `text` says what is. */
export type Answer =
  /** `version`: of the version that is accepted, where the work itself is about the whole product. */
  | { readonly kind: 'publish'; readonly text: string; readonly version: string }
  | { readonly kind: 'none'; readonly text: string }
  | { readonly kind: 'signer'; readonly signer: Signer; readonly text: string };

/** The part of the facts of a `releases` decision that is read back; the rest is handed on as it was. */
const SignedFacts = z.looseObject({
  signature: z.object({ status: z.literal('valid'), subject: z.string(), issuer: z.string() }),
  trusted: z.object({ subject: z.string(), issuer: z.string() }).nullable(),
});

/** What a doubt about a feed is about. */
const DoubtFacts = z.looseObject({ version: z.string().min(1) });

/** Asks the gate that held it what it says with the yes. */
export async function answerOf(deps: OperationsDeps, work: WorkRecord): Promise<Answer> {
  const decision = await lastDecision(deps, work);
  if (decision?.gate === 'feeds') return answerFeed(deps, work, decision);
  if (decision?.gate === 'releases') return answerRelease(deps, work, decision);
  if (decision?.gate === 'packages') return answerPackage(deps, work, decision);
  return no(work);
}

async function lastDecision(deps: OperationsDeps, work: WorkRecord): Promise<DecisionRecord | null> {
  const key = [work.product, work.version, work.variant].join('/');
  const ofStage = (await deps.ledger.decisions(key)).filter(({ gate }) => gate === work.stage);
  const last = ofStage.at(-1);
  return last === undefined || last.verdict === 'go' ? null : last;
}

async function answerFeed(
  deps: OperationsDeps,
  work: WorkRecord,
  { facts }: DecisionRecord,
): Promise<Answer> {
  const read = DoubtFacts.safeParse(facts);
  if (!read.success || work.product === null) return no(work);
  const { version } = read.data;
  if (isRefusal(await readWord(deps.ledger, work.product, version))) return no(work);
  return { kind: 'publish', version, text: `${work.reason ?? 'it is held'} - believed, and taken now` };
}

function answerRelease(deps: OperationsDeps, work: WorkRecord, { facts }: DecisionRecord): Answer {
  const read = SignedFacts.safeParse(facts);
  if (!read.success || (work.code !== 'signer-unknown' && work.code !== 'signer-changed')) return no(work);
  const { subject, issuer } = read.data.signature;
  const withYes = { ...(facts as GateFacts['releases']), trusted: { subject, issuer } };
  const decision = decide('releases', withYes, deps.policy, deps.clock.now());
  if (decision.verdict === 'hold') return { kind: 'none', text: `${decision.reason}; ${decision.nextStep}` };
  const signer = { subject, issuer, replaces: read.data.trusted };
  return { kind: 'signer', signer, text: 'it was held for its signer, and is acquired now' };
}

async function answerPackage(
  deps: OperationsDeps,
  work: WorkRecord,
  { facts }: DecisionRecord,
): Promise<Answer> {
  const { product, version } = work;
  if (product === null || version === null) return no(work);
  if (isRefusal(await readWord(deps.ledger, product, version))) return no(work);
  const yes: PersonWord = { verdict: 'approve', by: 'a person', at: '', reason: '' };
  const withYes = { ...(facts as GateFacts['packages']), word: yes };
  const decision = decide('packages', withYes, deps.policy, deps.clock.now());
  if (decision.verdict === 'hold') return { kind: 'none', text: `${decision.reason}; ${decision.nextStep}` };
  return { kind: 'publish', version, text: `${work.reason ?? 'it is held'} - approved, and published now` };
}

function no({ reason, nextStep }: WorkRecord): Answer {
  return { kind: 'none', text: [reason, nextStep].filter((one) => one !== null).join('; ') };
}
