import type { FeedHealthRecord } from './feed-health/record.js';
import type { InstallerInspection, SignatureReport } from './installer.js';
import type {
  CanaryAnswer,
  CanaryRole,
  ContentWish,
  HopTimes,
  LifecycleState,
  ProofKind,
  Route,
  TargetName,
} from './publication.js';
import type { Release, ReleaseAsset } from './release.js';
import type { StageName } from './stage.js';

/** The rows of the ledger as the program sees them. Times are ISO 8601 UTC text. */
export interface FeedStateRecord {
  readonly productId: string;
  readonly feedIndex: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly lastGoodAt: string | null;
  /** Why the last try failed; null: it did not. */
  readonly lastError: string | null;
  /** Of what was asked and how it is read: a validator of other options says nothing. Absent in older records. */
  readonly askedSha256?: string;
  /** Absent in older records. */
  readonly health?: FeedHealthRecord;
  /** What a probe showed just before the feed itself was asked, and when that was. Absent: it has none. */
  readonly probe?: {
    readonly mark: string;
    readonly etag: string | null;
    readonly lastModified: string | null;
    readonly fullAt: string;
  };
  /** The file at a fixed address as it was looked into last, so that it is fetched once. Absent: the feed is no file. */
  readonly file?: {
    readonly etag: string | null;
    readonly lastModified: string | null;
    /** What it says of itself; null: nothing. */
    readonly version: string | null;
    readonly asset: ReleaseAsset;
  };
}

export interface ReleaseRecord {
  readonly productId: string;
  readonly version: string;
  readonly seenAt: string;
  readonly release: Release;
}

/** One acquired file. (product, version, variant) -> sha256 is write-once. */
export interface InstallerRecord {
  readonly productId: string;
  readonly version: string;
  readonly variant: string;
  readonly url: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly sha1: string;
  readonly sizeBytes: number;
  readonly modified: string;
  readonly signature: SignatureReport;
  readonly inspection: InstallerInspection;
  readonly acquiredAt: string;
}

export interface UpdateRecord {
  readonly packageId: string;
  readonly productId: string;
  readonly productName: string;
  readonly version: string;
  readonly variant: string;
  readonly kind: 'update' | 'install';
  readonly route: Route;
  /** Why it has this route, in plain words; absent in records that were made before it was told. */
  readonly routeReason?: string;
  readonly payloadSha256: string;
  readonly respin: number;
  readonly title: string;
  /** All ids this one supersedes, the transitive chain, nearest first. */
  readonly supersedes: readonly string[];
  /** What its file says installed copies are known by; absent: the definition states it. */
  readonly learntIdentity?: string;
  readonly createdAt: string;
}

/** One revision of an update: what the SDP said and how its rules were proven. */
export interface RevisionRecord {
  readonly packageId: string;
  readonly revision: number;
  /** `Properties/@CreationDate` of this revision. */
  readonly creationDate: string;
  readonly sdpSha256: string;
  readonly proofSha256: string;
  readonly reason: string;
  readonly attestation: Attestation | null;
  /** The content cabinet that we pack and sign ourselves (`signed-cab`); absent: someone else packs the content. */
  readonly content?: RevisionContent;
  /** The request that asked for it; absent: the line made it by itself. The same request twice is one revision. */
  readonly requestId?: string;
  /** Its PublicationState is Expired: the last revision that this PackageID ever has (wsus-publishing 2.5). */
  readonly expired?: true;
}

/** Our own content cabinet of a revision; equal payload gives an equal unsigned one. */
export interface RevisionContent {
  readonly unsignedSha256: string;
  /** Null until the signing stage. */
  readonly signed: { readonly sha256: string; readonly certificateThumbprint: string } | null;
}

/** What the app role vouches for before the signer signs anything that carries this update. */
export interface Attestation {
  readonly packageId: string;
  readonly revision: number;
  readonly sdpSha256: string;
  readonly payloadSha256: string;
  readonly proofSha256: string;
  readonly decisionId: string;
  /** Base64 Ed25519 over the canonical JSON of the members above. */
  readonly signature: string;
}

export interface PublicationRecord {
  readonly packageId: string;
  readonly revision: number;
  readonly target: TargetName;
  readonly state: LifecycleState | 'pending' | 'superseded' | 'expired';
  readonly catalogRevision: number | null;
  /** Absent: full. What was once full stays so, also in later revisions. */
  readonly content?: ContentWish;
  /** Why it stands where it stands; null when there is nothing to explain. */
  readonly reason: string | null;
  readonly proof: ProofKind | null;
  readonly clients: Readonly<Record<CanaryRole, CanaryAnswer>> | null;
  readonly startedAt: string;
  readonly changedAt: string;
  /** When this revision first came to each hop; the ledger keeps them. Absent: to none, or it was before they were kept. */
  readonly reachedAt?: HopTimes;
  /** The canary collection when most of it needed the update; absent: it was not asked. */
  readonly mostRequired?: ComplianceCounts;
}

/** How many computers of a collection need an update and have it, as the site last heard. */
export interface ComplianceCounts {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly required: number;
  readonly installed: number;
}

export interface CatalogRevisionRecord {
  readonly target: TargetName;
  readonly number: number;
  readonly cabSha256: string;
  /** Digest of the sorted `packageId/revision` list: equal members need no new revision. */
  readonly membersSha256: string;
  readonly members: readonly { readonly packageId: string; readonly revision: number }[];
  readonly createdAt: string;
}

/** Who signed a product's installers when a person or the policy first accepted it. */
export interface TrustRecord {
  readonly productId: string;
  readonly subject: string;
  readonly issuer: string;
  readonly acceptedBy: string;
  readonly acceptedAt: string;
}

export interface DecisionRecord {
  readonly id: string;
  readonly gate: StageName;
  readonly workKey: string;
  readonly verdict: 'go' | 'hold';
  readonly reason: string;
  readonly facts: unknown;
  readonly decidedAt: string;
}

/** Who did what, and why. `detail` is JSON. */
export interface AuditRecord {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

export type WorkState = 'ready' | 'running' | 'waiting' | 'done' | 'held' | 'failed';

export interface WorkRecord {
  readonly id: number;
  readonly stage: StageName;
  readonly key: string;
  readonly input: unknown;
  readonly state: WorkState;
  /** The fencing token: raised by every worker that takes the work. */
  readonly token: number;
  readonly attempt: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly nextStep: string | null;
  readonly product: string | null;
  readonly version: string | null;
  readonly variant: string | null;
  /** Of the update that the input names; null: it names none. */
  readonly packageId: string | null;
  readonly leaseUntil: string | null;
  readonly createdAt: string;
  readonly changedAt: string;
}

/** When a product is asked next. */
export interface DueTimeRecord {
  readonly productId: string;
  readonly dueAt: string;
  /** When the schedule asked last; null: not yet. */
  readonly askedAt: string | null;
  /** The rule by which `dueAt` was chosen, in words: another rule, another time. */
  readonly rule: string;
}
