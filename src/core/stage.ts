import type { LedgerWriter, Log } from './ports.js';

export const STAGES = ['feeds', 'releases', 'packages', 'signing', 'publishing', 'verification'] as const;
/** A stage's name is its folder, its queue, its log field, its dashboard column and its test folder. */
export type StageName = (typeof STAGES)[number];

/** Work for a stage, addressed by name: `input` is what that stage's `parse` accepts. */
export interface NextJob {
  readonly stage: StageName;
  readonly input: unknown;
  /** Not before this time. */
  readonly notBefore?: Date;
  /** Work that ended (done, held, failed) is done again; without it, work that exists is left alone. */
  readonly again?: 'when-finished';
}

export interface StageContext {
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly attempt: number;
  /** Queues an effect; all effects run in one fenced transaction together with the outbox rows, or none do. */
  record(effect: (ledger: LedgerWriter) => Promise<void>): void;
  /** The same, but it stands also when the turn throws: what was tried, and why it failed. */
  recordAnyway(effect: (ledger: LedgerWriter) => Promise<void>): void;
}

export type StageResult =
  | { readonly outcome: 'advanced'; readonly next: readonly NextJob[]; readonly summary?: string }
  /** Nothing to do is an answer. */
  | { readonly outcome: 'unchanged'; readonly reason: string; readonly next?: readonly NextJob[] }
  /** Comes back at `until`; what was recorded meanwhile stands. */
  | {
      readonly outcome: 'waiting';
      readonly until: Date;
      readonly reason: string;
      /** What a person can do meanwhile; absent: nothing. */
      readonly nextStep?: string;
      readonly next?: readonly NextJob[];
    }
  /** A person must decide. */
  | { readonly outcome: 'held'; readonly code: HoldCode; readonly reason: string; readonly nextStep: string };

export type HoldCode =
  | 'unsigned-installer'
  | 'signer-changed'
  | 'signer-unknown'
  | 'signature-invalid'
  | 'digest-changed'
  | 'digest-mismatch'
  | 'vantage-disagrees'
  | 'host-changed'
  | 'version-jump'
  | 'feed-replaced'
  | 'version-unknown'
  | 'detection-inferred'
  | 'detection-changed'
  | 'policy'
  | 'held-by-person';

export interface Stage<In> {
  readonly name: StageName;
  /** A job payload is untrusted: decode it, or throw a PermanentError. */
  parse(data: unknown): In;
  /** Same work, same key. */
  key(input: In): string;
  /** The product and version this work is about, for logs, pages and progress; null for work about many. */
  subject(
    input: In,
  ): { readonly product: string; readonly version: string | null; readonly variant: string | null } | null;
  run(input: In, context: StageContext): Promise<StageResult>;
}
