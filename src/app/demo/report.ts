import { printable } from '../../core/errors.js';
import type { LedgerReader } from '../../core/ports.js';
import { CANARY_ROLES, type CanaryAnswer, type CanaryRole, EXPECTED_CANARY } from '../../core/publication.js';
import type { Overview, OverviewRow } from '../../operations/overview.js';
import { table } from '../table.js';
import type { LabAccess } from './lab-files.js';

export interface DemoReport {
  readonly products: number;
  readonly updates: readonly DemoUpdate[];
  readonly catalog: { readonly path: string; readonly revision: number; readonly url: string } | null;
  readonly trouble: readonly {
    readonly product: string;
    readonly version: string | null;
    readonly variant: string;
    readonly state: string;
    readonly code: string | null;
    readonly reason: string | null;
    readonly nextStep: string | null;
  }[];
  readonly definitionFaults: readonly { readonly path: string; readonly message: string }[];
  readonly publishedNow: number;
  readonly seconds: number;
  /** False: the deadline came first. */
  readonly atRest: boolean;
  readonly ok: boolean;
  readonly lab: LabAccess;
}

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

export async function describeUpdates(
  rows: readonly OverviewRow[],
  ledger: LedgerReader,
  pathOf: (sha256: string) => string,
  served: ServedContent,
): Promise<DemoUpdate[]> {
  const updates: DemoUpdate[] = [];
  for (const row of rows) {
    if (row.packageId === null || row.version === null || row.revision === null) continue;
    const revision = await ledger.revision(row.packageId, row.revision);
    const installer = await ledger.installer(row.productId, row.version, row.variant);
    updates.push({
      product: row.productId,
      version: row.version,
      variant: row.variant,
      packageId: row.packageId,
      revision: row.revision,
      route: row.route ?? 'catalog',
      routeReason: row.routeReason,
      state: row.state,
      proof: row.proof,
      catalogRevision: row.catalogRevision,
      sdp: { path: revision === null ? '' : pathOf(revision.sdpSha256) },
      content: served.get(row.packageId) ?? null,
      installer:
        installer === null
          ? null
          : {
              path: pathOf(installer.sha256),
              sha256: installer.sha256,
              signer: installer.signature.status === 'valid' ? installer.signature.signer.subject : null,
            },
      clients: row.clients,
      seconds:
        row.startedAt === null || row.changedAt === null
          ? null
          : (Date.parse(row.changedAt) - Date.parse(row.startedAt)) / 1000,
    });
  }
  return updates;
}

/** Good only if every variant of every product is verified and every client's answer was right. */
export function isGood(overview: Overview): boolean {
  return (
    overview.rows.length > 0 &&
    overview.definitionFaults.length === 0 &&
    overview.rows.every(
      (row) => row.state === 'verified' && row.clients !== null && clientsRight(row.clients),
    )
  );
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

/** Every row that stands in a side state, with the reason and the next step. */
export function troubleOf(overview: Overview): DemoReport['trouble'] {
  return overview.rows
    .filter(({ state }) => state === 'held' || state === 'failed' || state === 'waiting')
    .map(({ productId, version, variant, state, code, reason, nextStep }) => ({
      product: productId,
      version,
      variant,
      state,
      code,
      reason,
      nextStep,
    }));
}

/** What a person sees at the end. */
export function summaryText(report: DemoReport): string {
  const { updates, trouble, definitionFaults, catalog } = report;
  const verified = updates.filter(({ state }) => state === 'verified').length;
  const lines = [updates.length === 0 ? 'No update was built.' : updatesTable(updates), ''];
  for (const { product, version, route, routeReason } of updates) {
    if (route === 'direct') lines.push(`direct  ${product} ${version}: ${routeReason ?? ''}`);
  }
  if (updates.some(({ route }) => route === 'direct')) lines.push('');
  for (const one of trouble) {
    lines.push(`${one.state}  ${one.product} ${one.version ?? ''} ${one.variant}: ${one.reason ?? ''}`);
    if (one.nextStep !== null && one.nextStep !== '') lines.push(`        next: ${one.nextStep}`);
  }
  for (const { path, message } of definitionFaults) lines.push(`set aside  ${path}: ${message}`);
  if (trouble.length + definitionFaults.length > 0) lines.push('');
  if (!report.atRest) lines.push('The deadline came before the line had come to rest.');
  lines.push(
    `${report.products} products, ${verified} of ${updates.length} updates verified behind the CMG, ` +
      `${report.publishedNow} published in this run, ${report.seconds.toFixed(1)} s.`,
  );
  if (report.publishedNow === 0 && report.ok) {
    lines.push('Nothing was published: the feeds show nothing newer than what is verified already.');
  }
  if (catalog !== null) lines.push(`Catalog revision ${catalog.revision}: ${catalog.path}`);
  return lines
    .flatMap((text) => text.split('\n'))
    .map((line) => printable(line, 2000))
    .join('\n');
}

export function updatesTable(updates: readonly DemoUpdate[]): string {
  return table(
    [
      'product',
      'version',
      'variant',
      'PackageID',
      'rev',
      'route',
      'state',
      'missing',
      'older',
      'current',
      'seconds',
    ],
    updates.map((update) => [
      update.product,
      update.version,
      update.variant.split('/').slice(0, 2).join(' '),
      update.packageId,
      String(update.revision),
      update.route,
      update.proof === null ? update.state : `${update.state} (${update.proof})`,
      ...CANARY_ROLES.map((role) => describeAnswer(update.clients?.[role])),
      update.seconds === null ? '-' : update.seconds.toFixed(1),
    ]),
  );
}

function describeAnswer(answer: CanaryAnswer | undefined): string {
  if (answer === undefined) return '-';
  return answer.before === answer.after ? answer.before : `${answer.before} > ${answer.after}`;
}
