import { type CleanedStep, cleanServer, planClean } from '../../../publishing/software-update-point/clean.js';
import { withStores } from '../catalog/stores.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { operatorName } from '../sync.js';
import { requireReason } from './act.js';
import { actsDeps, requireBridge, UNTIL_THE_END } from './bridge.js';

export interface CleanOptions extends OutputOptions {
  readonly keep: number;
  readonly graceDays: number;
  readonly reason?: string;
  readonly preview?: boolean;
}

/** `patchpress server clean`; exit code 1 where the server would not give something up. */
export async function clean(options: CleanOptions): Promise<number> {
  const bridge = requireBridge();
  const order = options.preview === true ? null : { actor: operatorName(), reason: requireReason(options) };
  return withStores(async ({ ledger }) => {
    const deps = actsDeps(bridge, ledger);
    const steps: readonly CleanedStep[] =
      order === null
        ? (await planClean(deps, options, UNTIL_THE_END)).map((step) => ({
            ...step,
            isDone: false,
            fault: null,
          }))
        : await cleanServer(deps, options, order, UNTIL_THE_END);
    show(options, { steps }, () => describe(steps));
    return steps.some(({ fault }) => fault !== null) ? EXIT.negative : EXIT.ok;
  });
}

function describe(cleaned: readonly CleanedStep[]): string {
  if (cleaned.length === 0) return 'There is nothing to clean up.';
  return cleaned
    .map(({ act, packageId, productId, version, reason, isDone, fault }) => {
      const end = fault === null ? (isDone ? 'done' : 'not done: a preview') : `refused: ${fault}`;
      return `${act} ${packageId} (${productId} ${version}): ${reason}; ${end}`;
    })
    .join('\n');
}
