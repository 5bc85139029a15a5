import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/config/project-root.js';
import { type Fixture, loadFixtures } from '../../src/lab/vendor-site/fixtures.js';

export const FIXTURES_FOLDER = join(PROJECT_ROOT, 'src/lab/vendor-site/fixtures');
export const fixtures = loadFixtures(FIXTURES_FOLDER);

/** What a vendor ships, by product, version and variant. */
export function fixtureOf(productId: string, version: string, variant: string): Fixture {
  const found = fixtures.shipped.find(
    (one) => one.productId === productId && one.version === version && one.variant === variant,
  );
  if (found === undefined) throw new Error(`no fixture for ${productId} ${version} ${variant}`);
  return found;
}
