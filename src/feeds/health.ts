import {
  type FeedAnswer,
  type FeedFinding,
  HOLDING,
  judgeFeed,
  judgeVantage,
  MOST_NAMES,
  NEVER_ASKED,
  rememberAnswer,
} from '../core/feed-health/index.js';
import { decisionIdOf } from '../core/identity.js';
import type { LedgerReader } from '../core/ports.js';
import type { DecisionRecord, FeedStateRecord, InstallerRecord, ReleaseRecord } from '../core/records.js';
import type { FeedResponse, Release } from '../core/release.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { readWord } from '../core/word.js';
import type { Read } from './read.js';
import type { Source } from './source.js';

const MOST_TEXT = 64 << 10;
/** Names with digits in them are data: versions, days, ids. */
const MEMBERS = /"([A-Za-z_][A-Za-z_-]{0,39})"\s*:/g;
const ELEMENTS = /<([A-Za-z_][A-Za-z_:-]{0,39})[\s/>]/g;
const KEYS = /^\s{0,20}([A-Za-z_][A-Za-z_-]{0,39})\s*[:=]/gm;

/** The names of members, elements or keys in the beginning of an answer, in any order of theirs; none in plain text. */
export function shapeOf({ body }: Pick<FeedResponse, 'body'>): readonly string[] {
  const text = body.subarray(0, MOST_TEXT).toString('latin1').trimStart();
  const pattern = /^[[{]/.test(text) ? MEMBERS : /^(?:ï»¿)?</.test(text) ? ELEMENTS : KEYS;
  const names = new Set(Array.from(text.matchAll(pattern), ([, name = '']) => name.toLowerCase()));
  return [...names].sort().slice(0, MOST_NAMES);
}

export interface Judged {
  readonly findings: readonly FeedFinding[];
  /** Why the answer is not believed; null: it is. */
  readonly doubt: FeedFinding | null;
}

/** What is wrong with the feed now. A person's yes to the version answers every doubt about it, but not about bytes. */
export async function judgeRead(
  ledger: LedgerReader,
  { product, scheme, reader }: Source,
  { before, answer }: Read,
  facts: {
    readonly known: readonly Pick<ReleaseRecord, 'version'>[];
    readonly acquired: readonly InstallerRecord[];
    readonly now: Date;
  },
): Promise<Judged> {
  const { known, acquired, now } = facts;
  const history = { health: before?.health ?? NEVER_ASKED, known, acquired };
  const findings = judgeFeed(history, answer, now, scheme);
  if (answer === null) return { findings, doubt: null };
  const unanswerable = findings.find(
    ({ kind }) => kind === 'went-backwards' || (kind === 'digest-changed' && reader.isVersionInFile === true),
  );
  if (unanswerable !== undefined) return { findings, doubt: unanswerable };
  const doubts = findings.filter(isHolding);
  const word = doubts.length === 0 ? null : await readWord(ledger, product.id, answer.newest.version);
  if (word?.verdict !== 'approve') return { findings, doubt: doubts[0] ?? null };
  return { findings: findings.filter((one) => !isHolding(one)), doubt: null };
}

function isHolding({ kind }: FeedFinding): boolean {
  return (HOLDING as readonly string[]).includes(kind);
}

/** An answer that is not believed leaves what the last believed one left, so that the next one is read in full. */
export function disbelieved({ state, before }: Read, findings: readonly FeedFinding[]): FeedStateRecord {
  const { probe: _, ...asked } = state;
  return {
    ...asked,
    etag: before?.etag ?? null,
    lastModified: before?.lastModified ?? null,
    lastGoodAt: before?.lastGoodAt ?? null,
    ...(before?.probe && { probe: before.probe }),
    health: { ...(before?.health ?? NEVER_ASKED), failures: 0, findings },
  };
}

/** The state after an answer that is believed, or after "not changed", with what the second vantage makes of it. */
export function believed(
  { state, before, answer }: Read,
  { scheme }: Source,
  facts: {
    readonly findings: readonly FeedFinding[];
    readonly release: Release | null;
    readonly acquired: readonly InstallerRecord[];
    readonly now: Date;
  },
): FeedStateRecord {
  const health = before?.health ?? NEVER_ASKED;
  const { now, release, acquired } = facts;
  const disagreement = release && judgeVantage(release, acquired, now);
  const earlier = health.findings.find(({ kind }) => kind === 'vantage-disagrees');
  const findings = [
    ...facts.findings.filter(({ kind }) => kind !== 'vantage-disagrees'),
    ...(disagreement === null ? [] : [{ ...disagreement, since: earlier?.since ?? disagreement.since }]),
  ];
  const seenAt = now.toISOString();
  return {
    ...state,
    health:
      answer === null
        ? { ...health, failures: 0, findings }
        : rememberAnswer(health, answer, { findings, seenAt, scheme }),
  };
}

/** After a try that gave nothing: how many of them there are now may itself be a finding. */
export function failed(state: FeedStateRecord, { scheme }: Source, now: Date): FeedStateRecord {
  const before = state.health ?? NEVER_ASKED;
  const health = { ...before, failures: before.failures + 1 };
  const findings = judgeFeed({ health, known: [], acquired: [] }, null, now, scheme);
  return { ...state, health: { ...health, findings } };
}

/** Said once, when it is found. */
export function logFindings({ log }: StageContext, { health }: FeedStateRecord, now: Date): void {
  for (const { kind, since, reason } of health?.findings ?? [])
    if (since === now.toISOString()) log.warn({ kind, reason }, 'feed finding');
}

/** A doubtful version waits for a person: `approve` reads the decision to know which version a yes is about. */
export function holdVersion(
  { product }: Source,
  { newest }: FeedAnswer,
  { kind, reason, nextStep }: FeedFinding,
  { context, now }: { readonly context: StageContext; readonly now: Date },
): StageResult {
  const workKey = `${product.id}//`;
  const decidedAt = now.toISOString();
  const record: DecisionRecord = {
    id: decisionIdOf('feeds', workKey, decidedAt),
    gate: 'feeds',
    workKey,
    verdict: 'hold',
    reason,
    facts: { version: newest.version, finding: kind },
    decidedAt,
  };
  context.record((ledger) => ledger.putDecision(record));
  const code = kind === 'feed-replaced' ? kind : 'version-jump';
  return { outcome: 'held', code, reason, nextStep };
}
