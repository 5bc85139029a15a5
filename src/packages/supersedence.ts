import type { VersionScheme } from '../core/ports.js';
import type { UpdateRecord } from '../core/records.js';

/**
 * All updates of the same product and variant that this one takes the place of, nearest first: the whole chain, since
 * neither WSUS nor ConfigMgr follows it from one link to the next. An equal version under another id is superseded by
 * the higher respin.
 */
export function supersededBy(
  update: Pick<UpdateRecord, 'packageId' | 'version' | 'kind' | 'respin'>,
  earlier: readonly UpdateRecord[],
  scheme: VersionScheme,
): readonly string[] {
  return earlier
    .filter((one) => one.packageId !== update.packageId && one.kind === update.kind)
    .filter((one) => isOlder(one, update, scheme))
    .sort((a, b) => (isOlder(a, b, scheme) ? 1 : -1))
    .map((one) => one.packageId);
}

function isOlder(
  a: Pick<UpdateRecord, 'version' | 'respin'>,
  b: Pick<UpdateRecord, 'version' | 'respin'>,
  scheme: VersionScheme,
): boolean {
  const order = scheme.compare(a.version, b.version);
  return order < 0 || (order === 0 && a.respin < b.respin);
}
