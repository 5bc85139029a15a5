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
    .filter((one) => order(one, update, scheme) < 0)
    .sort((a, b) => order(b, a, scheme))
    .map((one) => one.packageId);
}

function order(
  a: Pick<UpdateRecord, 'version' | 'respin'>,
  b: Pick<UpdateRecord, 'version' | 'respin'>,
  scheme: VersionScheme,
): number {
  return scheme.compare(a.version, b.version) || a.respin - b.respin;
}
