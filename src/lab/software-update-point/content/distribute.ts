import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flushFolder } from '../state.js';
import { isDistributed } from './publish.js';

/**
 * What the site does when a deployment package is distributed to a content-enabled gateway: the cabinet is copied into
 * the gateway's store. The lab's own form: a folder on the same disk.
 */
export function distribute(contentFolder: string, distributionFolder: string, relativePath: string): void {
  if (isDistributed(distributionFolder, relativePath)) return;
  const target = join(distributionFolder, relativePath);
  mkdirSync(dirname(target), { recursive: true });
  const fresh = `${target}.new`;
  copyFileSync(join(contentFolder, relativePath), fresh);
  renameSync(fresh, target);
  flushFolder(dirname(target));
}
