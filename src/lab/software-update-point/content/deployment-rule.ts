import type { World } from '../world.js';
import { distribute } from './distribute.js';

/**
 * The administrator's automatic deployment rule, which runs after each synchronization, and on a schedule that in the lab
 * comes due whenever someone looks: what is deployable and not superseded goes into a deployment package, and that to the
 * group which holds the gateway. Nothing else brings content there.
 */
export function runDeploymentRule({ state, options, contentFolder }: World): void {
  if (options.faults?.distribution === 'not-distributed') return;
  for (const row of Object.values(state.site)) {
    if (!row.isDeployable || row.isSuperseded || row.contentFile === null) continue;
    distribute(contentFolder, options.distributionFolder, row.contentFile);
  }
}
