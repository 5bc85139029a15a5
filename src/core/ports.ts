import type { Readable } from 'node:stream';
import type { CatalogPlan, WrittenCatalog } from './catalog-plan.js';
import type { ImportedReader, ImportedWriter } from './imported.js';
import type { FileDigests, InstallerInspection, SignatureReport } from './installer.js';
import type { ApplicabilityState, Machine } from './machine.js';
import type {
  FeedDefinition,
  InstallerDefinition,
  InstallerTechnologyName,
  ProductDefinition,
} from './product.js';
import type { CanaryAnswer, CanaryRole, TargetName } from './publication.js';
import type {
  Attestation,
  AuditRecord,
  CatalogRevisionRecord,
  DecisionRecord,
  DueTimeRecord,
  FeedStateRecord,
  InstallerRecord,
  PublicationRecord,
  ReleaseRecord,
  RevisionRecord,
  TrustRecord,
  UpdateRecord,
  WorkRecord,
} from './records.js';
import type { FeedResponse, Release, SecondVantage } from './release.js';
import type { SetAsideReader, SetAsideWriter } from './retention.js';
import type { NextJob, StageName } from './stage.js';

export interface Log {
  debug(facts: Record<string, unknown>, message: string): void;
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
  error(facts: Record<string, unknown>, message: string): void;
  child(facts: Record<string, unknown>): Log;
}

export interface Clock {
  now(): Date;
}

// ---- the outside world ------------------------------------------------------------------------------------------

export interface HttpRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with POST; absent: GET. */
  readonly body?: string;
  /** The head of the answer, and where its redirects end, are all that is wanted: its body is not read. */
  readonly headOnly?: boolean;
  /** Decoded bytes at most. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface HttpClient {
  /** The whole answer, 2xx or 304; other statuses are Retryable (429, 5xx, with Retry-After) or PermanentError. */
  get(request: HttpRequest): Promise<FeedResponse>;
  /** A body as a stream; the consumer hashes and stores it. Errors as in `get`. */
  download(request: HttpRequest & { readonly resume?: ResumePoint }): Promise<Download>;
}

/** How much of a file is there, and what tells that the host still has the same one. */
export interface ResumePoint {
  readonly offsetBytes: number;
  /** What the whole has; null: the host did not say. */
  readonly totalBytes: number | null;
  /** A strong entity tag, or a strong date (RFC 9110 13.1.5). */
  readonly validator: string;
}

export interface Download {
  readonly finalUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  /** Where the body begins: that of the resume point, or 0 where the host gives the whole anew. */
  readonly offsetBytes: number;
  readonly totalBytes: number | null;
  /** For a later resume point; null: it cannot be resumed. */
  readonly validator: string | null;
}

export interface FeedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As in `HttpRequest`. */
  readonly body?: string;
  readonly headOnly?: boolean;
}

/** A question that costs less than the feed itself: whether anything may have changed since the last time. */
export interface FeedProbe {
  request(options: FeedDefinition): FeedRequest;
  /** Equal marks: nothing has changed. Null: the answer cannot be read, and the feed itself is asked. */
  mark(response: FeedResponse): string | null;
}

/** One folder under `src/feeds`. Pure: the request it needs, and what an answer means. */
export interface FeedReader {
  readonly type: string;
  /** The answer is the installer itself: no version stands in it but the file's own. */
  readonly isVersionInFile?: true;
  /** Of a feed whose host counts requests. */
  readonly probe?: FeedProbe;
  request(options: FeedDefinition): FeedRequest;
  /**
   * First the release that the feed's selector means, then the others newest first by the version scheme. Throws
   * PermanentError `feed.malformed` with what was expected and found.
   */
  parse(response: FeedResponse, options: FeedDefinition, versionScheme: VersionScheme): readonly Release[];
}

/**
 * A second source, asked about one version that the vendor's own feed shows. Pure, in a folder of its own under
 * `src/feeds` too. Throws as a FeedReader does.
 */
export interface VantageReader {
  readonly type: string;
  request(options: FeedDefinition, version: string): FeedRequest;
  parse(response: FeedResponse, options: FeedDefinition, version: string): SecondVantage;
}

/** One file under `src/core/versions`. */
export interface VersionScheme {
  readonly name: string;
  /** A total order: negative when a is older. Texts that the scheme does not know sort below all that it does. */
  compare(a: string, b: string): number;
  isVersion(text: string): boolean;
  /** Exactly four numeric parts of at most five digits for the rules, or null when the text cannot be put so. */
  toFourParts(text: string): string | null;
}

// ---- bytes ------------------------------------------------------------------------------------------------------

/** Objects by SHA-256, written once. Reads check the digest. */
export interface ContentStore {
  put(source: AsyncIterable<Uint8Array>, limits: { readonly maxBytes: number }): Promise<FileDigests>;
  putBuffer(bytes: Uint8Array): Promise<FileDigests>;
  /** Adopts a finished file by rename; the file is gone from `path` afterwards. */
  putFile(path: string): Promise<FileDigests>;
  /** What is there of a download that broke off, or nothing yet; it is the caller's alone until it is given up. */
  claimPartial(key: string): Promise<PartialObject>;
  has(sha256: string): Promise<boolean>;
  /** Reads it through and compares its digest, without keeping it in memory. */
  check(sha256: string): Promise<'whole' | 'missing' | 'damaged'>;
  /** The whole object, its digest checked. PermanentError `content.missing` or `content.corrupt`. */
  get(sha256: string): Promise<Buffer>;
  /** A path for readers that need random access and judge for themselves what they read (threads). */
  pathOf(sha256: string): string;
  /** The same for handing the object out: read through once, and again when the file has changed. Throws as `get`. */
  wholePath(sha256: string): Promise<string>;
  /** Unless it was put since that time; true: it is not there any more. Nothing may refer to it. */
  remove(sha256: string, before: Date): Promise<boolean>;
  /** A fresh path on the store's own file system for work in progress. */
  temporaryPath(): string;
  /** Where results are kept that can be made again; it may be deleted at any time. */
  derivedFolder(name: string): string;
}

/** An object that is not whole yet. It survives the turn, the process and its death, and is forgotten after a week. */
export interface PartialObject {
  sizeBytes(): number;
  /** What `begin` was told about it; null: nothing is there. */
  note(): string | null;
  /** Begins anew, without a byte. */
  begin(note: string): Promise<void>;
  /** What came before a source broke off is kept. Throws what the source throws, or RetryableError `storage.full`. */
  append(source: AsyncIterable<Uint8Array>, limits: { readonly maxBytes: number }): Promise<void>;
  /** It is whole: the object is in the store. */
  finish(): Promise<FileDigests>;
  /** Leaves it to whoever claims it next. */
  leave(): Promise<void>;
  drop(): Promise<void>;
}

/** CPU work on foreign bytes, in a pool of threads that can be given up on. */
export interface Compute {
  run<K extends keyof ComputeTasks>(
    task: K,
    input: ComputeTasks[K]['input'],
  ): Promise<ComputeTasks[K]['output']>;
}

export interface ComputeTasks {
  inspectInstaller: { input: { path: string }; output: InstallerInspection };
  verifySignature: { input: { path: string; now: string; trust: TrustAnchors }; output: SignatureReport };
  writeCabinet: {
    input: { members: readonly CabinetMember[]; outPath: string; signatureReserve: boolean };
    output: { sizeBytes: number };
  };
  writeCatalog: { input: { plan: CatalogPlan; outPath: string; partsDir: string }; output: WrittenCatalog };
  /** Why the signed cabinet is not the unsigned one with a signature, holding these members in this order; null: it is. */
  compareCatalog: {
    input: {
      unsignedPath: string;
      signedPath: string;
      /** Null: its bytes only have to be sound. */
      members: readonly { readonly name: string; readonly sha256: string | null }[];
    };
    output: { readonly expected: string; readonly found: string } | null;
  };
  /** What a catalog breaks of the acceptance checklist, no more than `most`; empty: nothing. */
  checkCatalog: {
    input: { path: string; most: number };
    output: readonly {
      readonly path: string;
      readonly rule: string;
      readonly expected: string;
      readonly found: string;
    }[];
  };
}

export interface TrustAnchors {
  /** DER certificates. */
  readonly codeSigningRoots: readonly Uint8Array[];
  readonly timestampRoots: readonly Uint8Array[];
}

export interface CabinetMember {
  /** `V2\x.sdp`: backslashes, ASCII. */
  readonly name: string;
  readonly modified: string;
  readonly content: { readonly path: string } | { readonly bytes: Uint8Array };
}

export interface SignatureVerifier {
  verify(path: string): Promise<SignatureReport>;
}

/** One folder under `src/installers`. Pure, over inspected facts and the definition. */
export interface InstallerTechnology {
  readonly name: InstallerTechnologyName;
  /** What this installer will write to ARP, from what the file proves and what the definition states. */
  evidence(
    inspection: InstallerInspection,
    definition: InstallerDefinition,
    version: string,
  ): readonly import('./installer.js').ArpEvidence[];
}

// ---- signing ----------------------------------------------------------------------------------------------------

/** A catalog cabinet of many updates, or the content cabinet of one. */
export type SigningPurpose = 'catalog' | 'content';

export interface SigningRequest {
  readonly purpose: SigningPurpose;
  /** The unsigned cabinet in the content store; the signer hashes the bytes itself. */
  readonly contentSha256: string;
  /** One per update that the cabinet carries (of a content: the one); the signer refuses a cabinet with anything else. */
  readonly attestations: readonly Attestation[];
}

export interface Signer {
  /** The signed object, put into the content store. Fails closed without a timestamp. */
  sign(request: SigningRequest): Promise<{ readonly sha256: string; readonly certificateThumbprint: string }>;
}

export interface Attestor {
  attest(statement: Omit<Attestation, 'signature'>): Attestation;
}

// ---- targets and clients ----------------------------------------------------------------------------------------

/** What the site shows of one update, each member read back from it (configmgr-catalog.md 6: SMS_SoftwareUpdate). */
export interface SiteUpdateState {
  readonly packageId: string;
  /** The site's own count (its WSUS revision), which metadata and content both raise; null where it does not show. */
  readonly revision: number | null;
  /** `DateRevised`: the CreationDate of the metadata that the site shows; absent or null where it does not say. */
  readonly revisedAt?: string | null;
  readonly isMetadataOnly: boolean;
  readonly isDeployable: boolean;
  /** Microsoft's pages say downloaded (`Get-CMSoftwareUpdate`), no more; without deployments of our own it stands for the CMG. */
  readonly isContentProvisioned: boolean;
  /** `NumMissing`: computers of the site that need it; absent or null where it does not say. */
  readonly required?: number | null;
  /** Why the site refused it, in its own words. */
  readonly fault: string | null;
}

export interface Site {
  /** `SMS_ISVCatalogs.SyncCatalogs`. */
  syncCatalogs(): Promise<void>;
  /** `SMS_SoftwareUpdate.SyncNow`. */
  syncSoftwareUpdates(): Promise<void>;
  /** `Publish-CMThirdPartySoftwareUpdateContent`. */
  publishContent(packageId: string): Promise<void>;
  updates(packageIds: readonly string[]): Promise<readonly SiteUpdateState[]>;
  /** The product under that vendor; null: no synchronization of the site has revealed it. */
  product(vendorName: string, productName: string): Promise<SiteCategory | null>;
  /** Ticks it; PermanentError `target.refused` where the account may not, or where there is no such call. */
  enableProduct(product: SiteCategory): Promise<void>;
  /** By the id of its category update (`CLASSIFICATION_CATEGORY`); null: the site does not show it. */
  classification(categoryId: string): Promise<SiteCategory | null>;
  /** As `enableProduct`. It is ticked for every vendor's updates. */
  enableClassification(classification: SiteCategory): Promise<void>;
  /** Why the last synchronization of the software update point failed (`SMS_SUPSyncStatus`); null: it did not. */
  syncFault(): Promise<string | null>;
}

/** A product or classification of the software update point component (`SMS_UpdateCategoryInstance`). */
export interface SiteCategory {
  readonly categoryInstanceId: number;
  readonly name: string;
  readonly isSubscribed: boolean;
}

/** Brings one update to three remote clients through the CMG and tells what each saw. */
export interface Canary {
  readonly proof: 'lab';
  verify(update: CanaryUpdate): Promise<Readonly<Record<CanaryRole, CanaryAnswer>>>;
}

export interface CanaryUpdate {
  readonly packageId: string;
  readonly revision: number;
  readonly productId: string;
  readonly version: string;
  readonly variant: string;
  /** What it takes the place of: clients must not be offered that any more. */
  readonly supersedes: readonly string[];
}

/** A remote client's machine in the lab: what it holds, and what running an installer does to it. */
export interface CanaryMachines {
  machine(role: CanaryRole, update: CanaryUpdate): Promise<Machine>;
  /** The machine after the file ran: changed by the installer's own evidence, never by our rules. */
  run(
    machine: Machine,
    file: { readonly name: string; readonly bytes: Buffer },
    commandLine: string,
  ): Promise<{ readonly machine: Machine; readonly exitCode: number }>;
}

export interface ClientScan {
  readonly updates: readonly {
    readonly packageId: string;
    readonly revision: number;
    readonly state: ApplicabilityState;
  }[];
}

// ---- products, queue, ledger ------------------------------------------------------------------------------------

export interface ProductCatalog {
  get(productId: string): ProductDefinition | null;
  all(): readonly ProductDefinition[];
  /** Files that were set aside, with the reason. */
  faults(): readonly { readonly path: string; readonly message: string }[];
}

export interface JobQueue {
  /** Wakes workers. The same work and token again are one wake-up while the first stands; a duplicate is harmless. */
  wake(wakeUps: readonly WakeUp[]): Promise<void>;
  counts(): Promise<Readonly<Record<StageName, QueueCounts>>>;
  /** False once after the queue has lost its memory (a new or flushed Redis): the ledger then rebuilds it. */
  remembers(): Promise<boolean>;
  close(): Promise<void>;
}

export interface WakeUp {
  readonly workId: number;
  readonly token: number;
  readonly stage: StageName;
  readonly delayMs: number;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

export interface LedgerReader extends ImportedReader, SetAsideReader {
  setting(name: string): Promise<string | null>;
  feedState(productId: string, feedIndex: number): Promise<FeedStateRecord | null>;
  feedStates(): Promise<readonly FeedStateRecord[]>;
  release(productId: string, version: string): Promise<ReleaseRecord | null>;
  releases(productId: string): Promise<readonly ReleaseRecord[]>;
  /** Of all releases ever seen, in no order. */
  releaseVersions(productId: string): Promise<readonly Pick<ReleaseRecord, 'version'>[]>;
  installer(productId: string, version: string, variant: string): Promise<InstallerRecord | null>;
  /** Of all variants. */
  installers(productId: string, version: string): Promise<readonly InstallerRecord[]>;
  trustRecord(productId: string): Promise<TrustRecord | null>;
  update(packageId: string): Promise<UpdateRecord | null>;
  updates(filter?: {
    readonly productId?: string;
    readonly variant?: string;
  }): Promise<readonly UpdateRecord[]>;
  revision(packageId: string, revision: number): Promise<RevisionRecord | null>;
  latestRevision(packageId: string): Promise<RevisionRecord | null>;
  /** The latest publication of each update at the target. */
  publications(target: TargetName): Promise<readonly PublicationRecord[]>;
  publication(target: TargetName, packageId: string): Promise<PublicationRecord | null>;
  latestCatalogRevision(target: TargetName): Promise<CatalogRevisionRecord | null>;
  /** The earliest that is kept. */
  firstCatalogRevision(target: TargetName): Promise<CatalogRevisionRecord | null>;
  /** Null: none of that number is kept. */
  catalogRevision(target: TargetName, number: number): Promise<CatalogRevisionRecord | null>;
  /** All that are kept, oldest first. */
  catalogRevisions(target: TargetName): Promise<readonly CatalogRevisionRecord[]>;
  decisions(workKey: string): Promise<readonly DecisionRecord[]>;
  /** What was done about these subjects (PackageIDs, ids of products), the oldest first. */
  audit(subjects: readonly string[]): Promise<readonly AuditRecord[]>;
  work(filter?: {
    readonly states?: readonly WorkRecord['state'][];
    readonly product?: string;
    /** About these, also by an update of theirs; and what is about no product at all. */
    readonly products?: readonly string[];
    /** Only what tells more than that it is there: of a version or an update, or with a reason. */
    readonly isTelling?: true;
  }): Promise<readonly WorkRecord[]>;
  /** Work that is not at its end: ready, running or waiting. */
  countUnfinished(): Promise<number>;
  workById(id: number): Promise<WorkRecord | null>;
  // Of many products at once, in a bounded number of statements.
  /** The latest of each product and variant. */
  latestUpdates(): Promise<readonly UpdateRecord[]>;
  updatesOf(packageIds: readonly string[]): Promise<readonly UpdateRecord[]>;
  /** At whichever target. */
  publicationsOf(packageIds: readonly string[]): Promise<readonly PublicationRecord[]>;
  /** The release of each product that was seen last. */
  newestReleases(): Promise<
    readonly { readonly productId: string; readonly version: string; readonly seenAt: string }[]
  >;
  releasesOf(productIds: readonly string[]): Promise<readonly ReleaseRecord[]>;
  acquiredOf(
    productIds: readonly string[],
  ): Promise<readonly Pick<InstallerRecord, 'productId' | 'version' | 'variant'>[]>;
  /** The newest work of each stage about each variant, or about the whole product. */
  newestWork(productIds: readonly string[]): Promise<
    readonly {
      readonly stage: StageName;
      readonly product: string;
      readonly variant: string | null;
      readonly id: number;
    }[]
  >;
  /** How much work of a stage, whose key ends so, is in each state; `retrying`: ready again after a failure. */
  countWork(filter: {
    readonly stage: StageName;
    readonly keyEnd: string;
  }): Promise<Readonly<Partial<Record<WorkRecord['state'] | 'retrying', number>>>>;
  dueTimes(): Promise<readonly DueTimeRecord[]>;
  /** The earliest first. */
  dueBefore(time: Date, limit: number): Promise<readonly DueTimeRecord[]>;
}

/** Inside one transaction. */
export interface LedgerWriter extends LedgerReader, ImportedWriter, SetAsideWriter {
  putSetting(name: string, value: string): Promise<void>;
  putFeedState(record: FeedStateRecord): Promise<void>;
  putRelease(record: ReleaseRecord): Promise<void>;
  /** Write-once; the same bytes again are fine, other bytes are a PermanentError `installer.mismatch`. */
  putInstaller(record: InstallerRecord): Promise<void>;
  putTrustRecord(record: TrustRecord): Promise<void>;
  putUpdate(record: UpdateRecord): Promise<void>;
  putRevision(record: RevisionRecord): Promise<void>;
  putPublication(record: PublicationRecord): Promise<void>;
  putCatalogRevision(record: CatalogRevisionRecord): Promise<void>;
  /** All to this number; never the latest. */
  forgetCatalogRevisions(target: TargetName, upTo: number): Promise<void>;
  putDecision(record: DecisionRecord): Promise<void>;
  appendAudit(entry: AuditRecord): Promise<void>;
  /**
   * Work and its outbox row; work that exists already (same stage and key) is left alone unless `again`.
   * `when-finished`: again only what is done, held or failed; a turn that waits or runs is left to go on.
   */
  enqueue(
    job: Omit<NextJob, 'again'> & {
      readonly key: string;
      readonly product: string | null;
      readonly version: string | null;
      readonly variant: string | null;
      readonly again?: boolean | 'when-finished';
    },
    now: Date,
  ): Promise<void>;
  /** The same for many jobs that are new, a statement per batch; work that exists is left alone. */
  enqueueNew(
    jobs: readonly Omit<Parameters<LedgerWriter['enqueue']>[0], 'again'>[],
    now: Date,
  ): Promise<void>;
  putDueTimes(records: readonly DueTimeRecord[]): Promise<void>;
  dropDueTimes(productIds: readonly string[]): Promise<void>;
  /** RetryableError `ledger.busy` unless the lease still has this token: what its holder wanted is then not written. */
  requireLease(name: string, token: number): Promise<void>;
  /** Finished work of a stage that is older and not the newest of its product; returns how much. */
  forgetWork(stage: StageName, before: Date): Promise<number>;
}

export interface OutboxRow {
  readonly id: number;
  readonly workId: number;
  readonly token: number;
  readonly stage: StageName;
  readonly notBefore: string | null;
}

export interface Ledger extends LedgerReader {
  transaction<T>(body: (ledger: LedgerWriter) => Promise<T>): Promise<T>;
  /** Takes work: raises its token and leases it, or null when it is finished or leased to another worker. */
  take(workId: number, leaseMs: number, now: Date): Promise<WorkRecord | null>;
  /** Prolongs the lease; false when another worker has taken the work meanwhile. */
  renew(workId: number, token: number, leaseMs: number, now: Date): Promise<boolean>;
  /** Ends a turn: in one transaction checks the token, runs the effects, sets the state. False when the token is stale. */
  finish(
    work: WorkRecord,
    end: {
      readonly state: WorkRecord['state'];
      readonly code: string | null;
      readonly reason: string | null;
      readonly nextStep: string | null;
      readonly notBefore?: Date;
      readonly attempt?: number;
    },
    effects: (ledger: LedgerWriter) => Promise<void>,
    now: Date,
  ): Promise<boolean>;
  undelivered(limit: number): Promise<readonly OutboxRow[]>;
  clearDelivered(outboxIds: readonly number[]): Promise<void>;
  /**
   * Makes an outbox row for unfinished work that no live lease holds. `abandoned`: what a dead worker left, and what
   * should have been woken half a minute ago;
   * `all`: everything unfinished, to rebuild a lost queue; `all-and-leased`: also what is leased, for a host that
   * knows itself to be the only one. Returns how many.
   */
  requeue(which: 'abandoned' | 'all' | 'all-and-leased', now: Date): Promise<number>;
  /**
   * Takes a named lease or prolongs it; the token rises with each change of holder. Null: another holder has it.
   */
  takeLease(
    wanted: { readonly name: string; readonly holder: string; readonly leaseMs: number },
    now: Date,
  ): Promise<number | null>;
  /** Gives it back, so that another holder can have it at once. */
  giveUpLease(held: { readonly name: string; readonly holder: string }, now: Date): Promise<void>;
  close(): Promise<void>;
}
