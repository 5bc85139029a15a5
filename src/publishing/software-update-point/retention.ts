import { contentWishOf } from '../../core/publication.js';
import type { PublicationRecord, UpdateRecord } from '../../core/records.js';
import type { ListedUpdate } from './bridge.js';

/** One of our updates of the direct route, as the ledger has it. */
export interface OwnPublication {
  readonly update: Pick<
    UpdateRecord,
    'packageId' | 'productId' | 'variant' | 'kind' | 'version' | 'createdAt'
  >;
  /** A decline by us changes `changedAt`. */
  readonly publication: Pick<PublicationRecord, 'state' | 'changedAt' | 'content'>;
}

export interface RetentionRule {
  /** How many superseded updates of each line stay as they are, the newest first. */
  readonly keep: number;
  /** How long an update is declined or expired before it is deleted: clients have to scan meanwhile. */
  readonly graceDays: number;
}

export interface RetentionStep {
  readonly act: 'decline' | 'delete';
  readonly packageId: string;
  readonly productId: string;
  readonly version: string;
  readonly reason: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What of our superseded updates the server need not have any more: beyond `keep` they are declined, and after the grace
 * deleted. What is offered is never touched, nor what the server does not have, nor another publisher's; nor what only
 * metadata has superseded, for clients would be left without either. Pure.
 */
export function planRetention(
  own: readonly OwnPublication[],
  listed: readonly ListedUpdate[],
  { keep, graceDays }: RetentionRule,
  now: Date,
): readonly RetentionStep[] {
  const there = new Map(listed.filter((one) => one.isLocallyPublished).map((one) => [one.packageId, one]));
  const before = now.getTime() - graceDays * DAY_MS;
  return linesOf(own).flatMap((line) =>
    line.slice(keep).flatMap(({ update, publication }): readonly RetentionStep[] => {
      const { packageId, productId, version } = update;
      const found = there.get(packageId);
      if (found === undefined) return [];
      const step = { packageId, productId, version };
      if (!found.isDeclined && !found.isExpired) {
        return [{ ...step, act: 'decline', reason: `it is superseded, and ${keep} newer ones stay` }];
      }
      if (Date.parse(publication.changedAt) > before) return [];
      const state = found.isDeclined ? 'declined' : 'expired';
      return [
        {
          ...step,
          act: 'delete',
          reason: `it is ${state}, and nothing of it has changed here for ${graceDays} days`,
        },
      ];
    }),
  );
}

/** Superseded and expired ones by product, variant and kind, each line with the newest first. */
function linesOf(own: readonly OwnPublication[]): readonly (readonly OwnPublication[])[] {
  const lines = new Map<string, OwnPublication[]>();
  for (const one of own.toSorted(byAge)) {
    const { productId, variant, kind } = one.update;
    const key = [productId, variant, kind].join('\n');
    const line = lines.get(key);
    if (line === undefined) lines.set(key, [one]);
    else line.push(one);
  }
  return [...lines.values()].map((line) => {
    const isBare = line.some(isMetadataAlone);
    return line.filter(
      ({ publication: { state } }) => state === 'expired' || (state === 'superseded' && !isBare),
    );
  });
}

function isMetadataAlone({ publication }: OwnPublication): boolean {
  const { state } = publication;
  return contentWishOf(publication) === 'metadata' && state !== 'superseded' && state !== 'expired';
}

function byAge(a: OwnPublication, b: OwnPublication): number {
  return Date.parse(b.update.createdAt) - Date.parse(a.update.createdAt);
}
