import type { LedgerReader } from '../../core/ports.js';
import { variantOf } from '../../core/product.js';
import {
  CANARY_ROLES,
  type CanaryAnswer,
  type CanaryRole,
  EXPECTED_CANARY,
  TARGET_OF,
} from '../../core/publication.js';
import type { InstallerRecord, PublicationRecord, UpdateRecord } from '../../core/records.js';
import type { OverviewRow } from '../../operations/overview.js';
import type { Demo } from './set-up.js';

/** One update that was ever published, those included that another has taken the place of. */
export interface DemoUpdate {
  readonly product: string;
  readonly version: string;
  readonly variant: string;
  readonly packageId: string;
  readonly revision: number;
  readonly route: string;
  /** Why it has this route. */
  readonly routeReason: string | null;
  readonly state: string;
  /** The hop that was reached, also while it is held or has failed. */
  readonly reached: string;
  /** Why it stands there, and what a person does next; null where there is nothing to say. */
  readonly reason: string | null;
  readonly nextStep: string | null;
  readonly supersedes: readonly string[];
  /** Whether a client behind the gateway is told of it. */
  readonly isOffered: boolean;
  readonly proof: string | null;
  readonly catalogRevision: number | null;
  readonly sdp: { readonly path: string };
  readonly content: { readonly path: string; readonly sha256: string; readonly signer: string } | null;
  readonly installer: {
    readonly path: string;
    readonly sha256: string;
    readonly signer: string | null;
  } | null;
  readonly clients: Readonly<Record<CanaryRole, CanaryAnswer>> | null;
  readonly seconds: number | null;
}

/** What the Software Update Point serves for an update. */
export type ServedContent = ReadonlyMap<
  string,
  { readonly path: string; readonly sha256: string; readonly signer: string }
>;

interface Seen {
  readonly rows: ReadonlyMap<string, OverviewRow>;
  readonly served: ServedContent;
  readonly told: ReadonlySet<string>;
}

/** In the order of the products and variants; of each the older first. */
export async function describeUpdates(demo: Demo, rows: readonly OverviewRow[]): Promise<DemoUpdate[]> {
  const seen: Seen = {
    rows: new Map(rows.flatMap((row) => (row.packageId === null ? [] : [[row.packageId, row]]))),
    served: await demo.servedContent(),
    // A gateway that does not answer tells nobody anything.
    told: await demo.toldToClients().catch(() => new Set<string>()),
  };
  const described: DemoUpdate[] = [];
  for (const product of demo.products.all()) {
    for (const variant of product.installers.map(variantOf)) {
      const updates = await demo.foundation.ledger.updates({ productId: product.id, variant });
      for (const update of updates) {
        const publication = await publicationOf(demo.foundation.ledger, update);
        if (publication !== null) described.push(await describe(demo, update, publication, seen));
      }
    }
  }
  return described;
}

function publicationOf(ledger: LedgerReader, update: UpdateRecord): Promise<PublicationRecord | null> {
  return ledger.publication(TARGET_OF[update.route], update.packageId);
}

async function describe(
  { foundation: { ledger, content } }: Demo,
  update: UpdateRecord,
  publication: PublicationRecord,
  seen: Seen,
): Promise<DemoUpdate> {
  const { packageId, productId, version, variant } = update;
  const row = seen.rows.get(packageId);
  const revision = await ledger.revision(packageId, publication.revision);
  const { startedAt, changedAt } = publication;
  return {
    product: productId,
    version,
    variant,
    packageId,
    revision: publication.revision,
    route: update.route,
    routeReason: update.routeReason ?? null,
    state: row?.state ?? publication.state,
    reached: row?.reached ?? publication.state,
    reason: row?.reason ?? publication.reason,
    nextStep: row?.nextStep ?? null,
    supersedes: update.supersedes,
    isOffered: seen.told.has(packageId),
    proof: publication.proof,
    catalogRevision: publication.catalogRevision,
    sdp: { path: revision === null ? '' : content.pathOf(revision.sdpSha256) },
    content: seen.served.get(packageId) ?? null,
    installer: describeInstaller(await ledger.installer(productId, version, variant), content.pathOf),
    clients: publication.clients,
    seconds: (Date.parse(changedAt) - Date.parse(startedAt)) / 1000,
  };
}

function describeInstaller(
  installer: InstallerRecord | null,
  pathOf: (sha256: string) => string,
): DemoUpdate['installer'] {
  if (installer === null) return null;
  const { sha256, signature } = installer;
  const signer = signature.status === 'valid' ? signature.signer.subject : null;
  return { path: pathOf(sha256), sha256, signer };
}

/** Verified by three right answers; or ended: not offered to anyone, and what supersedes it is verified. */
export function isGoodUpdate(update: DemoUpdate, all: readonly DemoUpdate[]): boolean {
  if (update.state === 'verified') return update.clients !== null && clientsRight(update.clients);
  if (update.isOffered) return false;
  if (update.state === 'expired') return true;
  const superseder = all.find(
    (other) => other.state === 'verified' && other.supersedes.includes(update.packageId),
  );
  return update.state === 'superseded' && superseder !== undefined;
}

export function clientsRight(clients: Readonly<Record<CanaryRole, CanaryAnswer>>): boolean {
  return CANARY_ROLES.every((role) => {
    const [seen, expected] = [clients[role], EXPECTED_CANARY[role]];
    return (
      seen.before === expected.before &&
      seen.after === expected.after &&
      seen.installed === expected.installed
    );
  });
}
