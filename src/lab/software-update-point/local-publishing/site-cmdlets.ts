import { publishContent } from '../content/publish.js';
import { enableProduct } from '../site-products.js';
import type { World } from '../world.js';
import { PublishFault } from './fault.js';

/** What the console's cmdlets do at the site; they name updates and products as it does. */
export async function publishByCiId(world: World, ciId: number): Promise<{ readonly ciId: number }> {
  const row = Object.values(world.state.site).find((one) => one.ciId === ciId);
  if (row === undefined) throw unknown('Publish-CMThirdPartySoftwareUpdateContent', `update ${ciId}`);
  await publishContent(world, row.packageId);
  return { ciId };
}

export function enableByName(world: World, product: string): { readonly product: string } {
  const found = Object.values(world.state.products).find(
    ({ type, name }) => type === 'Product' && name === product,
  );
  if (found === undefined) throw unknown('Set-CMSoftwareUpdatePointComponent', `product ${product}`);
  enableProduct(world, found.categoryInstanceId);
  return { product };
}

function unknown(cmdlet: string, what: string): PublishFault {
  return new PublishFault(cmdlet, 'ItemNotFoundException', `no ${what}`);
}
