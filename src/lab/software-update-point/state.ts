import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { LabDatabase } from './database.js';
import { DeploymentState } from './site/deployment.js';

const Digests = z.object({
  /** Base64. */
  sha1: z.string(),
  sha256: z.string(),
  sizeBytes: z.number(),
});

/** The server's own cabinet of an update. */
const StoredContent = Digests.extend({
  fileName: z.string(),
  modified: z.string(),
  /** Digests of the vendor's file that is inside, and the thumbprint of who signed that; null: nobody looked. */
  origin: Digests,
  originSigner: z.string().nullable(),
  /** Subject of who signed the cabinet, where that was not this server. */
  signer: z.string().nullable().default(null),
});

const StoredUpdate = z.object({
  packageId: z.string(),
  creationDate: z.string(),
  sdp: z.string(),
  isExpired: z.boolean(),
  revision: z.number(),
  revisionId: z.number(),
  deploymentId: z.number(),
  changedAt: z.string(),
  content: StoredContent.nullable(),
  /** Who brought it: the site's agent from a catalog, or a publisher over the publishing API. */
  origin: z.enum(['catalog', 'direct']).default('catalog'),
  /** By an administrator of the server: no client is told of it any more, until it is approved again. */
  isDeclined: z.boolean().default(false),
});

const StoredCategory = z.object({
  updateId: z.string(),
  type: z.enum(['Company', 'Product', 'UpdateClassification']),
  title: z.string(),
  parentId: z.string().nullable(),
  revisionId: z.number(),
  deploymentId: z.number(),
  changedAt: z.string(),
});

const Subscription = z.object({
  url: z.string(),
  etag: z.string().nullable(),
  /** The catalog certificate that the administrator approved. */
  approvedThumbprint: z.string().nullable(),
  contentCertificates: z.array(z.string()),
  lastSync: z
    .object({
      at: z.string(),
      outcome: z.enum(['synced', 'unchanged', 'failed']),
      statusId: z.number().nullable(),
      text: z.string(),
    })
    .nullable(),
});

/** A row of SMS_SoftwareUpdate: what the site knew at its last synchronization. */
const SiteRow = z.object({
  ciId: z.number(),
  packageId: z.string(),
  title: z.string(),
  revision: z.number(),
  revisedAt: z.string(),
  isMetadataOnly: z.boolean(),
  isDeployable: z.boolean(),
  isExpired: z.boolean(),
  isSuperseded: z.boolean(),
  /** Superseded by what clients can install: the update server declines it, clients are not told of it any more. */
  isDeclined: z.boolean().default(false),
  /** `<XX>/<SHA-1>.cab` of what clients would download. */
  contentFile: z.string().nullable(),
});

/** A row of SMS_UpdateCategoryInstance: what the last synchronization revealed, and what is ticked of it. */
const SiteCategory = z.object({
  categoryInstanceId: z.number(),
  updateId: z.string(),
  type: z.enum(['Company', 'Product', 'UpdateClassification']),
  name: z.string(),
  parentUpdateId: z.string().nullable(),
  isSubscribed: z.boolean(),
});

/** The last synchronization of the software update point; `errorCode` 0: it was successful. */
const SiteSync = z.object({ at: z.string(), successAt: z.string().nullable(), errorCode: z.number() });

const State = z.object({
  serverId: z.string(),
  cookieKey: z.string(),
  configuredAt: z.string(),
  nextRevisionId: z.number(),
  nextDeploymentId: z.number(),
  nextCiId: z.number(),
  subscription: Subscription,
  updates: z.record(z.string(), StoredUpdate),
  /** By PackageID: the last refusal of its metadata or content, in the site's words. */
  faults: z.record(z.string(), z.string()),
  categories: z.record(z.string(), StoredCategory),
  site: z.record(z.string(), SiteRow),
  /** By the id of the category update. */
  products: z.record(z.string(), SiteCategory).default({}),
  siteSync: SiteSync.nullable().default(null),
  /** Update groups, packages and deployments. */
  deployment: DeploymentState.prefault({}),
});

export type StoredContent = z.infer<typeof StoredContent>;
export type StoredUpdate = z.infer<typeof StoredUpdate>;
export type StoredCategory = z.infer<typeof StoredCategory>;
export type SiteRow = z.infer<typeof SiteRow>;
export type SiteCategory = z.infer<typeof SiteCategory>;
export type SupState = z.infer<typeof State>;

/** What the site and its update server know, replaced as a whole: old or new after a kill, never half. */
export interface StoredState {
  readonly state: SupState;
  /** Makes what was changed in `state` last. */
  save(): void;
}

export function openState(database: LabDatabase, catalogUrl: string, now: Date): StoredState {
  const known = database.prepare("select json from documents where name = 'site'").get() as
    | { readonly json: string }
    | undefined;
  const state = known === undefined ? freshState(catalogUrl, now) : State.parse(JSON.parse(known.json));
  if (state.subscription.url !== catalogUrl) state.subscription = freshSubscription(catalogUrl);
  const write = database.prepare("insert or replace into documents (name, json) values ('site', ?)");
  const save = () => {
    write.run(JSON.stringify(state));
  };
  save();
  return { state, save };
}

function freshState(catalogUrl: string, now: Date): SupState {
  return {
    serverId: randomUUID(),
    cookieKey: randomBytes(32).toString('base64'),
    configuredAt: now.toISOString(),
    nextRevisionId: 1000,
    nextDeploymentId: 50,
    nextCiId: 16_777_500,
    subscription: freshSubscription(catalogUrl),
    updates: {},
    faults: {},
    categories: {},
    site: {},
    products: {},
    siteSync: null,
    deployment: { updateGroups: [], packages: [], assignments: [] },
  };
}

function freshSubscription(url: string): SupState['subscription'] {
  return { url, etag: null, approvedThumbprint: null, contentCertificates: [], lastSync: null };
}

/** The numbers of the next revision that is told to clients; used up at once. */
export function nextRevision(state: SupState): {
  readonly revisionId: number;
  readonly deploymentId: number;
} {
  const revisionId = state.nextRevisionId;
  const deploymentId = state.nextDeploymentId;
  state.nextRevisionId += 1;
  state.nextDeploymentId += 1;
  return { revisionId, deploymentId };
}

/** Writes beside the file, flushes, renames over it and flushes the folder. */
export function replaceFile(path: string, content: string): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w', 0o600);
  try {
    const bytes = Buffer.from(content, 'utf8');
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  flushFolder(dirname(path));
}

export function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** A folder for work in progress, empty at every start: what a kill left there is of no use. */
export function freshWorkFolder(folder: string): string {
  const path = join(folder, 'work');
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}
