import { publishContent } from '../content/publish.js';
import { enableCategory } from '../site-categories.js';
import type { World } from '../world.js';
import { PublishFault } from './fault.js';

/** What the console's cmdlets do at the site; they name updates and categories as it does. */
export async function publishByCiId(world: World, ciId: number): Promise<{ readonly ciId: number }> {
  const row = Object.values(world.state.site).find((one) => one.ciId === ciId);
  if (row === undefined) throw unknown('Publish-CMThirdPartySoftwareUpdateContent', `update ${ciId}`);
  await publishContent(world, row.packageId);
  return { ciId };
}

export function enableProduct(world: World, product: string): { readonly product: string } {
  enableByName(world, 'Product', product);
  return { product };
}

export function enableClassification(
  world: World,
  classification: string,
): { readonly classification: string } {
  enableByName(world, 'UpdateClassification', classification);
  return { classification };
}

/** All of that name, as the cmdlet does. */
function enableByName(world: World, kind: 'Product' | 'UpdateClassification', wanted: string): void {
  const found = Object.values(world.state.products).filter(
    ({ type, name }) => type === kind && name === wanted,
  );
  if (found.length === 0) throw unknown('Set-CMSoftwareUpdatePointComponent', `${kind} ${wanted}`);
  for (const { categoryInstanceId } of found) enableCategory(world, categoryInstanceId);
}

function unknown(cmdlet: string, what: string): PublishFault {
  return new PublishFault(cmdlet, 'ItemNotFoundException', `no ${what}`);
}
