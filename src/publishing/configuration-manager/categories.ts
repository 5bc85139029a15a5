import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { SiteCategory } from '../../core/ports.js';
import type { SiteRest } from './rest.js';
import { quoted, readRows } from './rows.js';

const Row = z.object({
  CategoryInstanceID: z.number(),
  LocalizedCategoryInstanceName: z.string(),
  ParentCategoryInstanceID: z.number(),
  IsSubscribed: z.boolean(),
});

/**
 * `SMS_UpdateCategoryInstance`, whose page gives these properties: the product of that name below the company of that name.
 * Reading the class over REST is by analogy with others (configmgr-catalog 6).
 */
export async function findProduct(
  rest: SiteRest,
  vendorName: string,
  productName: string,
): Promise<SiteCategory | null> {
  const companies = await named(rest, 'Company', vendorName);
  if (companies.length === 0) return null;
  const ids = new Set(companies.map((row) => row.CategoryInstanceID));
  const found = (await named(rest, 'Product', productName)).find((row) =>
    ids.has(row.ParentCategoryInstanceID),
  );
  return found === undefined ? null : categoryOf(found);
}

/** By the id of its category update: its name is in the language of the site. */
export async function findClassification(rest: SiteRest, categoryId: string): Promise<SiteCategory | null> {
  const [found] = await read(rest, `CategoryInstance_UniqueID eq 'UpdateClassification:${categoryId}'`);
  return found === undefined ? null : categoryOf(found);
}

/** The cmdlet takes names: where two vendors have a product of one name, both would be ticked. */
export async function requireOneOfItsName(rest: SiteRest, id: number, name: string): Promise<void> {
  const others = (await named(rest, 'Product', name)).filter((row) => row.CategoryInstanceID !== id);
  if (others.every((row) => row.IsSubscribed)) return;
  throw new PermanentError('target.refused', 'another vendor has a product of the same name', {
    where: name,
    expected: 'one product of that name that is not ticked, since the cmdlet takes names and would tick all',
    found: `${others.length + 1} products`,
    nextStep: 'tick the one below its vendor in the console',
  });
}

function named(rest: SiteRest, type: 'Company' | 'Product', name: string) {
  return read(rest, `CategoryTypeName eq '${type}' and LocalizedCategoryInstanceName eq '${quoted(name)}'`);
}

function read(rest: SiteRest, filter: string) {
  return readRows(rest, 'SMS_UpdateCategoryInstance', Row, filter);
}

function categoryOf(row: z.infer<typeof Row>): SiteCategory {
  return {
    categoryInstanceId: row.CategoryInstanceID,
    name: row.LocalizedCategoryInstanceName,
    isSubscribed: row.IsSubscribed,
  };
}

/** The class has no methods and no page tells of a write over REST; the documented way is a cmdlet. */
export function noCallEnables(parameter: '-AddProduct' | '-AddUpdateClassification'): PermanentError {
  return new PermanentError('target.refused', 'no REST call ticks a product or classification', {
    nextStep: `tick it in the console, name the Windows bridge of the site (site.command), or run Set-CMSoftwareUpdatePointComponent ${parameter} in the ConfigurationManager module`,
  });
}
