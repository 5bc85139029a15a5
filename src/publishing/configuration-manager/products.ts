import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { SiteProduct } from '../../core/ports.js';
import { quoted } from './odata.js';
import type { SiteRest } from './rest.js';

const SELECTED = 'CategoryInstanceID,ParentCategoryInstanceID,IsSubscribed';

const Rows = z.object({
  value: z.array(
    z.object({
      CategoryInstanceID: z.number(),
      ParentCategoryInstanceID: z.number(),
      IsSubscribed: z.boolean(),
    }),
  ),
});

type Row = z.infer<typeof Rows>['value'][number];

/**
 * `SMS_UpdateCategoryInstance`, whose page gives these properties: the product of that name below the company of that name.
 * Reading the class over REST is by analogy with others (configmgr-catalog 6).
 */
export async function findProduct(
  rest: SiteRest,
  vendorName: string,
  productName: string,
): Promise<SiteProduct | null> {
  const companies = await categories(rest, 'Company', vendorName);
  if (companies.length === 0) return null;
  const ids = new Set(companies.map((row) => row.CategoryInstanceID));
  const found = (await categories(rest, 'Product', productName)).find((row) =>
    ids.has(row.ParentCategoryInstanceID),
  );
  if (found === undefined) return null;
  return {
    categoryInstanceId: found.CategoryInstanceID,
    name: productName,
    isSubscribed: found.IsSubscribed,
  };
}

async function categories(
  rest: SiteRest,
  type: 'Company' | 'Product',
  name: string,
): Promise<readonly Row[]> {
  const filter = `CategoryTypeName eq '${type}' and LocalizedCategoryInstanceName eq '${quoted(name)}'`;
  const query = `$filter=${encodeURIComponent(filter)}&$select=${SELECTED}`;
  const answer = Rows.safeParse(await rest.get(`/AdminService/wmi/SMS_UpdateCategoryInstance?${query}`));
  if (answer.success) return answer.data.value;
  throw new PermanentError('protocol.violation', 'the site answers in another form', {
    where: 'SMS_UpdateCategoryInstance',
    expected: `rows with ${SELECTED}`,
    found: answer.error.message.slice(0, 300),
  });
}

/** The class has no methods and no page tells of a write over REST; the documented way is a cmdlet. */
export function noCallEnables(): PermanentError {
  return new PermanentError('target.refused', 'no REST call enables a product', {
    nextStep:
      'tick it in the console, name the Windows bridge of the site (site.command), or run Set-CMSoftwareUpdatePointComponent -AddProduct in the ConfigurationManager module',
  });
}
