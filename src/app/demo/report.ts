import { printable } from '../../core/errors.js';
import { CANARY_ROLES, type CanaryAnswer } from '../../core/publication.js';
import type { Overview, OverviewRow } from '../../operations/overview.js';
import { table } from '../table.js';
import type { KindCount, NotVerified } from './counts.js';
import type { LabAccess } from './lab-files.js';
import type { SecondRelease } from './second-release.js';
import { type DemoUpdate, isGoodUpdate } from './updates.js';

export interface DemoReport {
  readonly products: number;
  readonly updates: readonly DemoUpdate[];
  readonly catalog: { readonly path: string; readonly revision: number; readonly url: string } | null;
  readonly trouble: readonly {
    readonly product: string;
    readonly version: string | null;
    readonly variant: string;
    readonly state: string;
    readonly reached: string;
    readonly code: string | null;
    readonly reason: string | null;
    readonly nextStep: string | null;
  }[];
  readonly definitionFaults: readonly { readonly path: string; readonly message: string }[];
  readonly publishedNow: number;
  /** Where vendors had stand-ins: by technology and feed type; null: there were none. */
  readonly kinds: readonly KindCount[] | null;
  /** Every variant that is not verified, with the reason. */
  readonly notVerified: readonly NotVerified[];
  /** Null: no vendor released again in this run. */
  readonly secondRelease: SecondRelease | null;
  readonly seconds: number;
  /** False: the deadline came first. */
  readonly atRest: boolean;
  readonly ok: boolean;
  readonly lab: LabAccess;
}

/** Good only if every variant of every product is verified, and every update that was ever published is where it should be. */
export function isGood(overview: Overview, updates: readonly DemoUpdate[]): boolean {
  return (
    overview.rows.length > 0 &&
    overview.definitionFaults.length === 0 &&
    overview.rows.every((row) => row.state === 'verified') &&
    updates.every((update) => isGoodUpdate(update, updates))
  );
}

/** Every row that stands before its end, with the reason and the next step. */
export function troubleOf(overview: Overview): DemoReport['trouble'] {
  return overview.rows
    .filter(standsStill)
    .map(({ productId, version, variant, state, reached, code, reason, nextStep }) => ({
      product: productId,
      version,
      variant,
      state,
      reached,
      code,
      reason,
      nextStep,
    }));
}

function standsStill({ state, reason }: OverviewRow): boolean {
  if (state === 'verified' || state === 'superseded' || state === 'expired') return false;
  return reason !== null || state === 'held' || state === 'failed' || state === 'waiting';
}

/** What a person sees at the end. */
export function summaryText(report: DemoReport): string {
  const { updates, trouble, definitionFaults, catalog } = report;
  const verified = updates.filter(({ state }) => state === 'verified').length;
  const superseded = updates.filter(({ state }) => state === 'superseded').length;
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
  if (report.kinds !== null) lines.push(...kindLines(report.kinds, report.notVerified), '');
  if (!report.atRest) lines.push('The deadline came before the line had come to rest.');
  lines.push(
    `${report.products} products, ${verified} of ${updates.length} updates verified behind the CMG, ${superseded} superseded, ` +
      `${report.publishedNow} published in this run, ${report.seconds.toFixed(1)} s.`,
  );
  if (report.secondRelease !== null) lines.push(secondReleaseText(report.secondRelease));
  if (report.publishedNow === 0 && report.ok) {
    lines.push('Nothing was published: the feeds show nothing newer than what is verified already.');
  }
  if (catalog !== null) lines.push(`Catalog revision ${catalog.revision}: ${catalog.path}`);
  return lines
    .flatMap((text) => text.split('\n'))
    .map((line) => printable(line, 2000))
    .join('\n');
}

function kindLines(kinds: readonly KindCount[], open: readonly NotVerified[]): readonly string[] {
  const counts = table(
    ['technology', 'feed', 'products', 'verified'],
    kinds.map(({ technology, feed, products, verified }) => [
      technology,
      feed,
      String(products),
      String(verified),
    ]),
  );
  return [
    counts,
    ...open.map(
      ({ product, variant, state, reason }) => `not verified  ${product} ${variant}: ${state}, ${reason}`,
    ),
  ];
}

function secondReleaseText(second: SecondRelease): string {
  const { products, feedsAsked, feedsNotModified, acquired, published } = second;
  return (
    `Second release of ${products.join(', ')}: ${feedsAsked} feeds asked, ${feedsNotModified} not modified, ` +
    `${acquired} files acquired, ${published} updates published.`
  );
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
